import type * as pulumi from "@pulumi/pulumi";
import type { HostsArgs } from "../hosts/host.ts";
import type { BgpArgs } from "./bgp.ts";
import type { HttpListener, TcpListener } from "./listeners.ts";

export const BalancerEngineName = { HAProxy: "haproxy", Nginx: "nginx" } as const;
export type BalancerEngineName = (typeof BalancerEngineName)[keyof typeof BalancerEngineName];

export const Failover = {
    Keepalived: "keepalived",
    Pacemaker: "pacemaker",
} as const;
export type Failover = (typeof Failover)[keyof typeof Failover];

export interface LoadBalancerPairArgs extends HostsArgs {
    /**
     * Allows one balancer alone: `hostCount: 1`, or one host in `hosts`. The site is away as long as that host is, for its upgrades
     * too. Leave it out again with the second host. @default false
     */
    singlePointOfFailure?: boolean;
    /**
     * What serves visitors. nginx does what it can with the same arguments; whatever else is given with it is an error that says so.
     * A pair may be given the other one later: balancers change over one after the other. @default "haproxy"
     */
    engine?: BalancerEngineName;
    /** Listeners of HTTP, each on a port of its own. */
    http?: HttpListener[];
    /** Listeners of anything else that TCP carries, such as mail or a database: what comes in is passed on as it is. */
    tcp?: TcpListener[];
    /**
     * Port of each balancer's private address with HAProxy's figures for Prometheus at /metrics, open to the private network; not
     * with nginx. @default none
     */
    metricsPort?: number;
    /** Whether there is a page with them at /status, too, for the user "admin" with `statusPassword`; it changes nothing. @default false */
    statusPage?: boolean;
    /**
     * Token with which the balancers move the reserved IP when Pulumi does not run; kept root-only on them.
     * On DigitalOcean the scopes reserved_ip:read, reserved_ip:update, droplet:read, regions:read, sizes:read,
     * actions:read and image:read are enough. A key of Vultr's cannot be limited to that: take one of a user of its own, which its
     * access control lets be used from the balancers' addresses alone. Needed unless VRRP carries the address, or BGP announces it.
     */
    failoverToken?: pulumi.Input<string>;
    /**
     * Announces the reserved IP to the cloud's router from the balancer that has it, by BIRD, in place of moving it through the API:
     * no token is on the hosts, and no API has to answer when one dies. On Vultr, for accounts whose BGP its support has turned on;
     * with keepalived. A reserved IP that is attached to an instance goes there, whatever is announced: with a `failoverToken`
     * beside this, whoever announces it detaches it. A pair that had one before keeps it for one `up`.
     */
    bgp?: BgpArgs;
    /**
     * An address in CIDR form that the balancers themselves carry, by VRRP or Pacemaker, such as "10.0.0.100/24": for hosts of
     * your own on one network. @default a reserved IP of the hosts' cloud
     */
    virtualAddress?: string;
    /**
     * Several of them, up to 12, in place of `virtualAddress`: the first is with the first host, the second with the second, and so on in
     * turn, and whoever is left has those of the others. All in DNS, each balancer has visitors. A cloud gives a host one
     * reserved IP: there, make a pair of hosts for each address.
     */
    virtualAddresses?: string[];
    /**
     * Whether Pulumi refuses to delete the reserved IP: who gives it back does not get the same one again, and DNS points to
     * it. @default true
     */
    deletionProtection?: boolean;
    /**
     * What decides which balancer has the address: keepalived by VRRP, or Pacemaker on Corosync. Hosts have one cluster of Corosync, so
     * that a host is in one pair with "pacemaker" at most, and that has one address: of a cloud, or of the hosts' own network.
     * @default "keepalived"
     */
    failover?: Failover;
    /** VRRP's number of the pair, 1 to 255; pairs on one network differ in it, and pairs of one host whatever their `failover`. @default 51 */
    virtualRouterId?: number;
    /**
     * Whether a host that was away takes the address back from one that stands after it in the list. @default false: every move costs
     * connections; true with several `virtualAddresses`, which would all stay with one host
     */
    failBack?: boolean;
    /** Seconds that it waits before it does, 0 to 1000; only where it does. @default 60 */
    failBackDelay?: number;
}
