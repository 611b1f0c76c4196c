import type { AcmeSettings } from "../acme/settings.ts";
import type { Cloud } from "../clouds/cloud.ts";
import type { BalancerEngineName, Failover } from "./args.ts";
import type { BgpSettings } from "./bgp.ts";
import type { HttpListener, TcpListener } from "./listeners.ts";

/** What one balancer of a pair goes by. */
export interface BalancerSettings {
    /** The pair's name: several pairs may share a host. */
    name: string;
    host: string;
    /** @default "haproxy" */
    engine?: BalancerEngineName | undefined;
    /** The pair's hosts, the preferred one first. */
    pair: string[];
    http: HttpListener[];
    tcp: TcpListener[];
    /** Port of the private address for HAProxy's figures. */
    metricsPort?: number | undefined;
    /** Whether people see them there, too. */
    statusPage: boolean;
    /** @default "keepalived" */
    failover?: Failover | undefined;
    virtualRouterId: number;
    /** Seconds after which a host that returned takes the address back; without, it does not. */
    failBackDelay?: number;
    /** With a reserved IP: whose it is. */
    cloud?: Cloud;
    /** Where the hosts announce it, in place of moving it through the cloud's API. */
    bgp?: BgpSettings | undefined;
    /** Without one: the addresses that VRRP carries, in CIDR form. */
    virtualAddresses?: string[];
    /** Certificates by ACME of the listener that has them. */
    acme?: AcmeSettings | undefined;
}
