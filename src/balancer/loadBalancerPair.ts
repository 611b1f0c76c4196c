import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { acmePackages, acmePrograms } from "../acme/role.ts";
import type { Cloud, CloudReservedAddress } from "../clouds/cloud.ts";
import { cloudOf } from "../clouds/cloudOf.ts";
import { applyRole } from "../hosts/applyRole.ts";
import { refuseWrong } from "../hosts/arguments.ts";
import { onceInCatalogue } from "../hosts/catalogue.ts";
import type { Host, HostsArgs } from "../hosts/host.ts";
import { hostNames, protectedBy, type ReadyHost, readyHosts, rollOut } from "../hosts/hosts.ts";
import { claim, noteReservedAddress } from "../hosts/inventory.ts";
import { notePins } from "../hosts/writers.ts";
import { bare, isSplit, virtualAddressesOf } from "./addresses.ts";
import type { LoadBalancerPairArgs } from "./args.ts";
import { announcingNeeds, settingsOfBgp } from "./bgp.ts";
import { claimsOf, DEFAULT_ROUTER_ID, pinsOf } from "./claims.ts";
import { engineOf } from "./engines.ts";
import { failoverOf } from "./failovers.ts";
import { httpPort, openPorts } from "./frontends.ts";
import { allPools, namesOnly } from "./listeners.ts";
import { loadAgentClaim, loadAgentNeeds } from "./loadAgent.ts";
import { areAsked, loadedHosts, placeLoadAgents } from "./loadAgents.ts";
import { movingValues } from "./reservedIp.ts";
import { balancerSteps } from "./role.ts";
import { acmeOf, secretsOf, settingsOfAcme } from "./secrets.ts";
import { pairArguments } from "./validate.ts";

/**
 * Two hosts with HAProxy (or nginx) and keepalived that share one public address: when one dies, the other has it within a second.
 * With Pacemaker in place of keepalived it has it within three.
 */
export class LoadBalancerPair extends pulumi.ComponentResource {
    /** The shared address; the first of several. */
    readonly address: pulumi.Output<string>;
    /** All of them. */
    readonly addresses: pulumi.Output<string>[];
    /** URL of the first listener of HTTP, or else `tcp://…` of the first of TCP. */
    readonly url: pulumi.Output<string>;
    /** The balancers. */
    readonly hosts: Host[];
    /**
     * Socket on each balancer that tells what it is doing: HAProxy's administration, and with nginx one of HTTP with /backends (each
     * with UP or DOWN), /status (nginx's figures) and /ready.
     */
    readonly statsSocket: pulumi.Output<string>;
    /** Password of the user "admin" on the `statusPage`; a secret. */
    readonly statusPassword?: pulumi.Output<string>;

    constructor(name: string, args: LoadBalancerPairArgs, opts?: pulumi.ComponentResourceOptions) {
        refuseWrong("LoadBalancerPair", name, args, pairArguments);
        claim("LoadBalancerPair", name, hostNames(name, args), claimsOf(args));
        for (const { at, host } of loadedHosts(args))
            claim("LoadBalancerPair", name, [host.name], [loadAgentClaim(at)]);
        notePins("LoadBalancerPair", name, pinsOf(args));
        super("evenkeel:index:LoadBalancerPair", name, sealed(args), opts);
        const child = { parent: this };
        const engine = engineOf(args);
        const virtual = virtualAddressesOf(args)?.map(bare);
        const cloud = virtual ? undefined : cloudOf(cloudName(args));
        const hosts = readyHosts(name, args, needsOf(name, args, cloud), child);

        const reserved = cloud && reserveAddress(name, cloud, args, hosts[0]!.host.region!, child);
        const address = reserved?.address ?? pulumi.output(virtual![0]!);

        if (args.statusPage) {
            const password = new random.RandomPassword(
                `${name}-status-password`,
                { length: 32, special: false },
                child,
            );
            this.statusPassword = password.result;
        }
        const settings = {
            args,
            hosts,
            address,
            cloud,
            values: { ...reserved?.values, ...secretsOf(name, args, this.statusPassword, child) },
        };

        placeLoadAgents(name, args, hosts, child);
        const roles: pulumi.Resource[] = [];
        this.hosts = rollOut({ component: name, args, opts: child }, hosts, (host, dependsOn) => {
            const role = balance(name, host, settings, { ...child, dependsOn });
            roles.push(role);
            return role;
        });
        // The firewalls of hosts that came from elsewhere stay as they are; a first one would shut them off. Not before another
        // balancer has the address is it closed to one that leaves. Who announces it asks the others by way of the cloud, too.
        const guarded = hosts.filter(({ host }) => host.baseline);
        if (cloud && guarded.length > 0)
            openFirewall(cloud, name, guarded, args, { ...child, dependsOn: args.bgp ? [] : roles });
        // Whoever uses the address waits until a balancer answers on it.
        const answered = (value: pulumi.Output<string>) =>
            this.hosts.reduce((known, host) => onceKnown(known, host.privateAddress), value);
        this.address = answered(address);
        this.addresses = [
            this.address,
            ...(virtual ?? []).slice(1).map((each) => answered(pulumi.output(each))),
        ];
        this.url = pulumi.interpolate`${this.address}`.apply((known) => urlOf(args, known));
        this.statsSocket = pulumi.output(engine.statsSocket(name));
        this.registerOutputs({
            address: this.address,
            addresses: this.addresses,
            url: this.url,
            hosts: this.hosts,
            statsSocket: this.statsSocket,
            ...(this.statusPassword ? { statusPassword: this.statusPassword } : {}),
        });
    }
}

function reserveAddress(
    name: string,
    cloud: Cloud,
    args: LoadBalancerPairArgs,
    region: pulumi.Input<string>,
    child: pulumi.CustomResourceOptions,
): CloudReservedAddress {
    const slugs = { region: { at: "hosts[0].region", slug: region } };
    const known = args.hosts ? onceInCatalogue(name, cloudName(args), slugs, child) : child;
    const opts = args.deletionProtection === false ? known : protectedBy(known);
    noteReservedAddress({ component: name, kind: "LoadBalancerPair", cloud: cloud.name });
    return cloud.reservedAddress(`${name}-address`, { region }, opts);
}

/** What the balancers need, with what some of them do besides. */
function needsOf(name: string, args: LoadBalancerPairArgs, cloud: Cloud | undefined) {
    const engine = engineOf(args);
    const acme = acmeOf(args)?.tls?.acme;
    const needed = [
        { packages: ["curl", "iputils-ping", "jq", "nftables"], programs: [] },
        { packages: engine.packages(args), programs: engine.programs },
        failoverOf(args.failover),
        ...(args.bgp ? [announcingNeeds] : []),
        ...(cloud && args.failoverToken !== undefined
            ? [{ packages: [], programs: cloud.moving.programs }]
            : []),
        ...(acme ? [{ packages: acmePackages, programs: acmePrograms(acme) }] : []),
        ...(areAsked(hostNames(name, args), args) ? [loadAgentNeeds] : []),
    ];
    return {
        packages: needed.flatMap(({ packages }) => packages),
        programs: needed.flatMap(({ programs }) => programs),
    };
}

const cloudName = ({ placement, hosts }: HostsArgs) => placement?.cloud ?? hosts![0]!.cloud!;

function openFirewall(
    cloud: Cloud,
    name: string,
    hosts: ReadyHost[],
    { http = [], tcp = [] }: LoadBalancerPairArgs,
    opts: pulumi.ResourceOptions,
) {
    const from = ["0.0.0.0/0", "::/0"];
    cloud.firewall(
        `${name}-firewall`,
        {
            hosts: hosts.map(({ host }) => ({ id: host.id!, firewall: host.firewall })),
            inbound: openPorts(http, tcp).map((port) => ({ protocol: "tcp", ports: String(port), from })),
            outbound: false,
        },
        opts,
    );
}

function urlOf({ http = [], tcp = [] }: LoadBalancerPairArgs, address: string): string {
    const [listener] = http;
    if (!listener) return `tcp://${address}:${tcp[0]!.port}`;
    const [scheme, usual] = listener.tls ? ["https", 443] : ["http", 80];
    const port = httpPort(listener);
    return `${scheme}://${address}${port === usual ? "" : `:${port}`}/`;
}

interface PairSettings {
    args: LoadBalancerPairArgs;
    hosts: ReadyHost[];
    address: pulumi.Output<string>;
    cloud: Cloud | undefined;
    /** What the role's text does not show. */
    values: Record<string, pulumi.Input<string>>;
}

function balance(
    name: string,
    host: Host,
    { args, hosts, address, cloud, values: secrets }: PairSettings,
    opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
    const { http = [], tcp = [], failBackDelay = 60, statusPage = false } = args;
    const virtualAddresses = virtualAddressesOf(args);
    const { failBack = isSplit(virtualAddresses) } = args;
    const steps = balancerSteps({
        name,
        host: host.name,
        pair: hosts.map((each) => each.host.name),
        http,
        tcp,
        metricsPort: args.metricsPort,
        statusPage,
        engine: args.engine,
        acme: settingsOfAcme(name, args),
        failover: args.failover,
        virtualRouterId: args.virtualRouterId ?? DEFAULT_ROUTER_ID,
        ...(failBack ? { failBackDelay } : {}),
        ...(cloud ? { cloud } : {}),
        bgp: cloud && settingsOfBgp(args, cloud),
        ...(virtualAddresses ? { virtualAddresses } : {}),
    });
    const { failoverToken } = args;
    const moved = cloud && failoverToken !== undefined ? movingValues(name, host, failoverToken) : {};
    const values = { ...(cloud ? { address } : {}), ...moved };
    const named = [
        ...hosts.map((each) => each.host),
        ...allPools(http, tcp).flatMap(({ backends }) => backends),
    ];
    const role = {
        component: name,
        kind: "balancer",
        steps,
        hosts: named,
        values: { ...values, ...secrets },
    };
    return applyRole(host, role, opts);
}

const onceKnown = (value: pulumi.Output<string>, other: pulumi.Input<string>) =>
    pulumi.all([value, other]).apply(([settled]) => settled);

/** The arguments without what may be a credential: they are recorded in plain. */
function sealed(args: LoadBalancerPairArgs): pulumi.Inputs {
    const { engine, http, tcp, bgp, virtualAddress, virtualAddresses, hostCount } = args;
    return {
        ...(engine === undefined ? {} : { engine }),
        ...(http ? { http: http.map(namesOnly) } : {}),
        ...(tcp ? { tcp: tcp.map(namesOnly) } : {}),
        ...(bgp ? { bgp: { asn: bgp.asn } } : {}),
        virtualAddress,
        virtualAddresses,
        hostCount,
    };
}
