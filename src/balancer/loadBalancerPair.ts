import * as pulumi from "@pulumi/pulumi";
import type { Cloud } from "../clouds/cloud.ts";
import { cloudOf } from "../clouds/cloudOf.ts";
import { applyRole } from "../hosts/applyRole.ts";
import type { Host } from "../hosts/host.ts";
import {
    DEFAULT_HOST_COUNT,
    type HostsArgs,
    hostNames,
    hostsProblems,
    protectedBy,
    type ReadyHost,
    readyHosts,
    rollOut,
} from "../hosts/hosts.ts";
import { claim } from "../hosts/inventory.ts";
import { refuse, when } from "../hosts/validation.ts";
import { STATS_SOCKET } from "./haproxy.ts";
import { type HttpListener, listenerProblems, namesOnly } from "./listeners.ts";
import { balancerSteps } from "./role.ts";

export interface LoadBalancerPairArgs extends HostsArgs {
    /** What to balance: HTTP listeners, each on a port of its own. */
    http: HttpListener[];
    /**
     * Token with which the balancers move the reserved IP when Pulumi does not run; kept root-only on them.
     * On DigitalOcean the scopes reserved_ip:read, reserved_ip:update, droplet:read, regions:read, sizes:read,
     * actions:read and image:read are enough. Needed unless `virtualAddress` is given.
     */
    failoverToken?: pulumi.Input<string>;
    /**
     * An address in CIDR form that VRRP itself carries between the balancers, such as "10.0.0.100/24": for hosts of
     * your own on one network. @default a reserved IP of the hosts' cloud
     */
    virtualAddress?: string;
    /**
     * Whether Pulumi refuses to delete the reserved IP: who gives it back does not get the same one again, and DNS points to
     * it. @default true
     */
    deletionProtection?: boolean;
    /** VRRP's number of the pair, 1 to 255; pairs on one network differ in it. @default 51 */
    virtualRouterId?: number;
    /** Whether the first host takes the address back when it returns. @default false: every move costs connections */
    preempt?: boolean;
}

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
        validate(name, args);
        claim("LoadBalancerPair", name, hostNames(name, args), claimsOf(args));
        super("evenkeel:index:LoadBalancerPair", name, sealed(args), opts);
        const child = { parent: this };
        const hosts = readyHosts(
            name,
            args,
            { packages: ["haproxy", "keepalived", "curl", "jq"], programs },
            child,
        );
        const cloud = args.virtualAddress === undefined ? cloudOf(cloudName(args)) : undefined;

        // The firewalls of hosts that came from elsewhere stay as they are; a first one would shut them off.
        const guarded = hosts.filter(({ host }) => host.baseline);
        if (cloud && guarded.length > 0) openPorts(cloud, name, guarded, args.http, child);
        const address = cloud
            ? cloud.reservedAddress(
                  `${name}-address`,
                  { region: hosts[0]!.host.region! },
                  args.deletionProtection === false ? child : protectedBy(child),
              )
            : pulumi.output(args.virtualAddress!.split("/")[0]!);

        this.hosts = rollOut(hosts, (host, dependsOn) =>
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

/** Programs that a balancer needs. */
const programs = ["balancer/failover", "balancer/check-haproxy", "balancer/vrrp-link"];

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
    const { http, failoverToken, virtualAddress, preempt = false } = args;
    const steps = balancerSteps({
        name,
        host: host.name,
        pair: hosts.map((each) => each.host.name),
        listeners: http.map(namesOnly),
        virtualRouterId: args.virtualRouterId ?? DEFAULT_ROUTER_ID,
        preempt,
        ...(cloud ? { apiUrl: cloud.apiUrl() } : {}),
        ...(virtualAddress === undefined ? {} : { virtualAddress }),
    });
    const values = cloud
        ? {
              address,
              host: host.id!,
              header: pulumi.secret(pulumi.interpolate`Authorization: Bearer ${failoverToken}\n`),
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

/** The arguments without what may be a credential: they are recorded in plain. */
function sealed({ http, virtualAddress, hostCount }: LoadBalancerPairArgs): pulumi.Inputs {
    return { http: http.map(namesOnly), virtualAddress, hostCount };
}

function validate(name: string, args: LoadBalancerPairArgs): void {
    const { http, virtualAddress, virtualRouterId, failoverToken, hosts } = args;
    const ports = (http ?? []).map(({ port = 80 }) => port);
    const size = hosts?.length ?? args.hostCount ?? DEFAULT_HOST_COUNT;
    refuse("LoadBalancerPair", name, [
        ...hostsProblems(name, args),
        ...when(
            size === 1,
            hosts ? "hosts" : "hostCount",
            "one balancer alone is a single point of failure: use two",
        ),
        ...when(!http?.length, "http", "give at least one listener"),
        ...when(
            new Set(ports).size < ports.length,
            "http",
            `listeners must differ in port: ${ports.join(", ")}`,
        ),
        ...(http ?? []).flatMap(listenerProblems),
        ...when(
            virtualAddress !== undefined &&
                !/^\d{1,3}(\.\d{1,3}){3}\/([89]|[12]\d|3[0-2])$/.test(virtualAddress),
            "virtualAddress",
            `"${virtualAddress}" is not an address with its prefix: write it as 10.0.0.100/24`,
        ),
        ...when(
            virtualRouterId !== undefined && !(virtualRouterId >= 1 && virtualRouterId <= 255),
            "virtualRouterId",
            `${virtualRouterId} is not in 1 to 255`,
        ),
        ...when(
            virtualAddress === undefined && failoverToken === undefined,
            "failoverToken",
            "give the token with which the balancers move the reserved IP (or a `virtualAddress` of your own network)",
        ),
        ...when(
            virtualAddress === undefined &&
                !!hosts?.some(({ cloud, id, region }) => !cloud || !id || !region),
            "hosts",
            "a reserved IP needs each host's `cloud`, `id` and `region`; without them give a `virtualAddress`",
        ),
    ]);
}
