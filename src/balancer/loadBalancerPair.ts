import * as pulumi from "@pulumi/pulumi";
import type { Cloud } from "../clouds/cloud.ts";
import { cloudOf } from "../clouds/cloudOf.ts";
import { applyRole } from "../hosts/applyRole.ts";
import { checkedLate, refuseWrong } from "../hosts/arguments.ts";
import { onceInCatalogue } from "../hosts/catalogue.ts";
import type { Host, HostsArgs } from "../hosts/host.ts";
import { hostNames, protectedBy, type ReadyHost, readyHosts, rollOut } from "../hosts/hosts.ts";
import { claim } from "../hosts/inventory.ts";
import { id } from "../hosts/names.ts";
import { notePins } from "../hosts/writers.ts";
import type { LoadBalancerPairArgs } from "./args.ts";
import { STATS_SOCKET } from "./haproxy.ts";
import { type HttpListener, namesOnly } from "./listeners.ts";
import { balancerSteps } from "./role.ts";
import { apiToken, pairArguments } from "./validate.ts";

/** Two hosts with HAProxy and keepalived that share one public address: when one dies, the other has it within a second. */
export class LoadBalancerPair extends pulumi.ComponentResource {
    /** The shared address. */
    readonly address: pulumi.Output<string>;
    /** URL of the first listener. */
    readonly url: pulumi.Output<string>;
    /** The balancers. */
    readonly hosts: Host[];
    /** HAProxy's administration socket, on each balancer. */
    readonly statsSocket: pulumi.Output<string>;

    constructor(name: string, args: LoadBalancerPairArgs, opts?: pulumi.ComponentResourceOptions) {
        refuseWrong("LoadBalancerPair", name, args, pairArguments);
        claim("LoadBalancerPair", name, hostNames(name, args), claimsOf(args));
        notePins("LoadBalancerPair", name, pinsOf(args));
        super("evenkeel:index:LoadBalancerPair", name, sealed(args), opts);
        const child = { parent: this };
        const hosts = readyHosts(
            name,
            args,
            { packages: ["haproxy", "keepalived", "curl", "iputils-ping", "jq", "nftables"], programs },
            child,
        );
        const cloud = args.virtualAddress === undefined ? cloudOf(cloudName(args)) : undefined;

        // The firewalls of hosts that came from elsewhere stay as they are; a first one would shut them off.
        const guarded = hosts.filter(({ host }) => host.baseline);
        if (cloud && guarded.length > 0) openPorts(cloud, name, guarded, args.http, child);
        const address = cloud
            ? reserveAddress(name, cloud, args, hosts[0]!.host.region!, child)
            : pulumi.output(args.virtualAddress!.split("/")[0]!);

        this.hosts = rollOut({ component: name, args, opts: child }, hosts, (host, dependsOn) =>
            balance(name, host, { args, hosts, address, cloud }, { ...child, dependsOn }),
        );
        // Whoever uses the address waits until a balancer answers on it.
        this.address = this.hosts.reduce((value, host) => onceKnown(value, host.privateAddress), address);
        const port = args.http[0]!.port ?? 80;
        this.url = pulumi.interpolate`http://${this.address}${port === 80 ? "" : `:${port}`}/`;
        this.statsSocket = pulumi.output(STATS_SOCKET);
        this.registerOutputs({
            address: this.address,
            url: this.url,
            hosts: this.hosts,
            statsSocket: this.statsSocket,
        });
    }
}

function reserveAddress(
    name: string,
    cloud: Cloud,
    args: LoadBalancerPairArgs,
    region: pulumi.Input<string>,
    child: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
    const slugs = { region: { at: "hosts[0].region", slug: region } };
    const known = args.hosts ? onceInCatalogue(name, cloudName(args), slugs, child) : child;
    const opts = args.deletionProtection === false ? known : protectedBy(known);
    return cloud.reservedAddress(`${name}-address`, { region }, opts);
}

/** Programs that a balancer needs. */
const programs = [
    "balancer/failover",
    "balancer/check-haproxy",
    "balancer/step-aside",
    "balancer/standing",
    "balancer/virtual-address",
    "balancer/vrrp-link",
    "balancer/watch",
];

const cloudName = ({ placement, hosts }: HostsArgs) => placement?.cloud ?? hosts![0]!.cloud!;

function openPorts(
    cloud: Cloud,
    name: string,
    hosts: ReadyHost[],
    http: HttpListener[],
    opts: pulumi.ResourceOptions,
) {
    const anywhere = ["0.0.0.0/0", "::/0"];
    cloud.firewall(
        `${name}-firewall`,
        {
            hosts: hosts.map(({ host }) => host.id!),
            inbound: http.map(({ port = 80 }) => ({ protocol: "tcp", ports: String(port), from: anywhere })),
            outbound: false,
        },
        opts,
    );
}

interface PairSettings {
    args: LoadBalancerPairArgs;
    hosts: ReadyHost[];
    address: pulumi.Output<string>;
    cloud: Cloud | undefined;
}

function balance(
    name: string,
    host: Host,
    { args, hosts, address, cloud }: PairSettings,
    opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
    const { http, failoverToken, virtualAddress, failBack = false, failBackDelay = 60 } = args;
    const steps = balancerSteps({
        name,
        host: host.name,
        pair: hosts.map((each) => each.host.name),
        listeners: http.map(namesOnly),
        virtualRouterId: args.virtualRouterId ?? DEFAULT_ROUTER_ID,
        ...(failBack ? { failBackDelay } : {}),
        ...(cloud ? { apiUrl: cloud.apiUrl() } : {}),
        ...(virtualAddress === undefined ? {} : { virtualAddress }),
    });
    const values = cloud
        ? {
              address,
              host: checkedLate("LoadBalancerPair", name, "hosts.id", id, host.id!),
              header: pulumi.secret(
                  pulumi.interpolate`Authorization: Bearer ${checkedLate("LoadBalancerPair", name, "failoverToken", apiToken, failoverToken)}\n`,
              ),
          }
        : {};
    const named = [...hosts.map((each) => each.host), ...http.flatMap(({ backends }) => backends)];
    return applyRole(host, { component: name, kind: "balancer", steps, hosts: named, values }, opts);
}

const onceKnown = (value: pulumi.Output<string>, other: pulumi.Input<string>) =>
    pulumi.all([value, other]).apply(([settled]) => settled);

const DEFAULT_ROUTER_ID = 51;

/** What a host has for one pair alone. */
function claimsOf({ http, virtualAddress, virtualRouterId = DEFAULT_ROUTER_ID }: LoadBalancerPairArgs) {
    const address = virtualAddress === undefined ? "the reserved IP" : virtualAddress;
    return [
        { propertyPath: "virtualRouterId", thing: `the VRRP router ${virtualRouterId}` },
        ...http.map(({ port = 80 }, i) => ({
            propertyPath: `http[${i}].port`,
            thing: `port ${port} of ${address}`,
        })),
    ];
}

const pinsOf = ({ http }: LoadBalancerPairArgs) =>
    http.flatMap(({ pinned = [] }, i) =>
        pinned.map(({ path, to }, j) => ({ propertyPath: `http[${i}].pinned[${j}].to`, path, to: to.name })),
    );

/** The arguments without what may be a credential: they are recorded in plain. */
function sealed({ http, virtualAddress, hostCount }: LoadBalancerPairArgs): pulumi.Inputs {
    return { http: http.map(namesOnly), virtualAddress, hostCount };
}
