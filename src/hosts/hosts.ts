import { isIPv4 } from "node:net";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { cloudOf } from "../clouds/cloudOf.ts";
import { applyRole, runOnHost } from "./applyRole.ts";
import { baselinePackages, baselineSteps, installText } from "./baseline.ts";
import type { Host, Placement } from "./host.ts";
import { noteMachine } from "./inventory.ts";
import { onceReady } from "./onceReady.ts";
import { library, type Program, program } from "./programs.ts";
import { childName, roleName } from "./roleText.ts";
import { userData } from "./userData.ts";
import { nameProblems, type Problem, when } from "./validation.ts";

/** Every component that needs hosts takes either `placement` (it creates them) or `hosts` (they are there). */
export interface HostsArgs {
    /** Where to create the hosts: `Site.placement`. */
    placement?: Placement;
    /** How many hosts to create. Growing it never touches the hosts that are there. @default 2 */
    hostCount?: number;
    /** Size slug of created hosts. @default the cloud's 1 CPU / 1 GB size */
    size?: string;
    /** Hosts to use instead: another component's, or any Debian 12 machine that SSH reaches as root. */
    hosts?: Host[];
}

/** What a component wants on its hosts before its own role runs. */
interface Needs {
    packages: string[];
    /** Programs of services beside the role library. */
    programs?: string[];
    /** How many of the created hosts, from the first on, no deployment may delete. @default 0: as the program's own options have it */
    protectedHosts?: number;
}

/** A host that is ready for roles once `ready` is there. */
export interface ReadyHost {
    host: Host;
    ready: pulumi.Resource;
}

export const DEFAULT_HOST_COUNT = 2;

export function hostsProblems(name: string, args: HostsArgs): Problem[] {
    const { placement, hosts, hostCount } = args;
    return [
        ...when(!placement && !hosts, "placement", "give either `placement` (hosts are created) or `hosts`"),
        ...when(!!placement && !!hosts, "hosts", "give either `placement` or `hosts`, not both"),
        ...when(
            !!hosts && hostCount !== undefined,
            "hostCount",
            "counts created hosts; leave it out with `hosts`",
        ),
        ...when(hosts?.length === 0, "hosts", "the list is empty"),
        ...when(
            hostCount !== undefined && !(Number.isInteger(hostCount) && hostCount >= 1),
            "hostCount",
            `${hostCount} is not a number of hosts: give 1 or more`,
        ),
        ...givenHostsProblems("hosts", hosts ?? []),
        ...(placement ? nameProblems("name", `${name}-0`) : []),
    ];
}

/** Mistakes in a list of hosts as far as they show before anything is deployed; from JavaScript a host may be missing. */
export function givenHostsProblems(propertyPath: string, hosts: (Host | undefined)[]): Problem[] {
    const names = hosts.map((host) => host?.name).filter((each) => typeof each === "string");
    const duplicate = names.find((each, i) => names.indexOf(each) !== i);
    return [
        ...hosts.flatMap((host, i) => givenHostProblems(`${propertyPath}[${i}]`, host)),
        ...when(
            duplicate !== undefined,
            propertyPath,
            `host names must differ, but "${duplicate}" stands twice`,
        ),
    ];
}

export function givenHostProblems(propertyPath: string, host: Host | undefined): Problem[] {
    if (!host) return [{ propertyPath, reason: "there is no such host" }];
    const { name, privateAddress, connection } = host;
    return [
        ...when(!name, `${propertyPath}.name`, "give the name by which other hosts refer to this one"),
        ...when(
            !privateAddress || (typeof privateAddress === "string" && !isIPv4(privateAddress)),
            `${propertyPath}.privateAddress`,
            "give the IPv4 address by which the other hosts reach this one",
        ),
        ...when(!connection, `${propertyPath}.connection`, "tell how to reach it by SSH"),
    ];
}

/** A component's arguments without what may be a credential: they are recorded in plain. */
export function recorded({ placement, hosts, ...rest }: HostsArgs): pulumi.Inputs {
    return {
        ...rest,
        ...(hosts ? { hostCount: hosts.length } : {}),
        ...(placement ? { region: placement.region } : {}),
    };
}

/** Pulumi refuses to delete it. Without this, the caller's own `protect` counts: writing `false` would take that back. */
export const protectedBy = (opts: pulumi.CustomResourceOptions): pulumi.CustomResourceOptions =>
    pulumi.mergeOptions(opts, { protect: true });

/** The names of the hosts that a component creates or is given. */
export function hostNames(component: string, args: HostsArgs): string[] {
    if (args.hosts) return args.hosts.map((host) => host.name);
    return Array.from({ length: args.hostCount ?? DEFAULT_HOST_COUNT }, (_, i) => `${component}-${i}`);
}

/** Creates the hosts or takes the given ones, and installs what they need: on all of them at once. */
export function readyHosts(
    component: string,
    args: HostsArgs,
    needs: Needs,
    opts: pulumi.CustomResourceOptions,
): ReadyHost[] {
    if (args.hosts) return args.hosts.map((host) => prepareHost(component, host, needs, opts));
    const ready: ReadyHost[] = [];
    for (const [i, host] of hostNames(component, args).entries()) {
        ready.push(createHost(component, host, i, args, needs, ready.at(-1), opts));
    }
    return ready;
}

/** Installs what a component needs on one host that is there. */
export function prepareHost(
    component: string,
    host: Host,
    needs: Needs,
    opts: pulumi.CustomResourceOptions,
): ReadyHost {
    const programs = [...(host.baseline ? [] : library), ...(needs.programs ?? [])].map(program);
    return { host, ready: install(component, host, needs.packages, programs, opts) };
}

function install(
    component: string,
    host: Pick<Host, "name" | "connection">,
    packages: string[],
    programs: Program[],
    opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
    const role = roleName(component, "install");
    const text = installText(role, host.name, packages, programs);
    const blobs = Object.fromEntries(programs.map(({ sha256, base64 }) => [sha256, base64]));
    return runOnHost(
        childName(component, host.name, "install"),
        host,
        { role, text, input: { blobs } },
        opts,
    );
}

function createHost(
    component: string,
    name: string,
    index: number,
    { placement, size }: HostsArgs,
    needs: Needs,
    before: ReadyHost | undefined,
    opts: pulumi.CustomResourceOptions,
): ReadyHost {
    const { cloud: cloudName, region, network, sshKey, privateKey, tag } = placement!;
    const cloud = cloudOf(cloudName);
    const hostKey = new tls.PrivateKey(`${name}-host-key`, { algorithm: "ED25519" }, opts);
    const machine = cloud.host(
        name,
        {
            ...cloud.defaults,
            ...(size === undefined ? {} : { size }),
            region,
            network,
            sshKey,
            tags: [tag],
            userData: pulumi
                .all([hostKey.privateKeyOpenssh, hostKey.publicKeyOpenssh])
                .apply(([priv, pub]) => userData(name, { privateKey: priv, publicKey: pub })),
        },
        index < (needs.protectedHosts ?? 0) ? protectedBy(opts) : opts,
    );
    noteMachine(name, machine.resource);
    const connection = {
        host: machine.publicAddress,
        user: "root",
        privateKey,
        hostKey: hostKey.publicKeyOpenssh.apply((key) => key.trim()),
    };
    const born = { name, connection };
    const programs = [...library, ...(needs.programs ?? [])].map(program);
    const installed = install(component, born, [...baselinePackages, ...needs.packages], programs, opts);
    const baseline = applyRole(
        born,
        { component, kind: "baseline", steps: baselineSteps(index) },
        pulumi.mergeOptions(opts, { dependsOn: before ? [installed, before.ready] : [installed] }),
    );
    const host: Host = {
        name,
        privateAddress: machine.privateAddress,
        connection: onceReady(pulumi.output(connection), baseline),
        cloud: cloudName,
        id: machine.id,
        region,
        baseline: true,
    };
    return { host, ready: baseline };
}

/**
 * Runs a role on one host after the other: a host that fails stops the roll while the others still serve.
 * Returns the hosts such that whoever uses them waits until they run the role.
 */
export function rollOut(
    hosts: ReadyHost[],
    apply: (host: Host, after: pulumi.Resource[]) => pulumi.Resource,
): Host[] {
    const roles = inTurn(hosts, ({ host, ready }, before) => apply(host, [ready, ...before]));
    return hosts.map(({ host }, i) => ({
        ...host,
        privateAddress: onceReady(host.privateAddress, roles[i]!),
        connection: onceReady(host.connection, roles[i]!),
    }));
}

/** Makes a resource for each item; each is told the one before it, to wait for. */
export function inTurn<Item>(
    items: Item[],
    make: (item: Item, before: pulumi.Resource[]) => pulumi.Resource,
): pulumi.Resource[] {
    const made: pulumi.Resource[] = [];
    for (const item of items) made.push(make(item, made.slice(-1)));
    return made;
}
