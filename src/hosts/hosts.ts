import { isIPv4 } from "node:net";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { cloudOf } from "../clouds/cloudOf.ts";
import { applyRole } from "./applyRole.ts";
import { baselinePackages, baselineText, installText } from "./baseline.ts";
import type { Host, Placement } from "./host.ts";
import { onceReady } from "./onceReady.ts";
import { library, type Program, program } from "./programs.ts";
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
    /** How many of the created hosts, from the first on, no deployment may delete. @default 0 */
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

/** Creates the hosts or takes the given ones, and installs what they need: on all of them at once. */
export function readyHosts(
    name: string,
    args: HostsArgs,
    needs: Needs,
    opts: pulumi.CustomResourceOptions,
): ReadyHost[] {
    if (args.hosts) return args.hosts.map((host, i) => prepareHost(`${name}-${i}`, host, needs, opts));
    const ready: ReadyHost[] = [];
    for (let i = 0; i < (args.hostCount ?? DEFAULT_HOST_COUNT); i++) {
        ready.push(createHost(`${name}-${i}`, i, args, needs, ready.at(-1), opts));
    }
    return ready;
}

function prepareHost(name: string, host: Host, needs: Needs, opts: pulumi.CustomResourceOptions): ReadyHost {
    const programs = [...(host.baseline ? [] : library), ...(needs.programs ?? [])].map(program);
    const text = pulumi
        .output(host.name)
        .apply((hostName) => installText(hostName, needs.packages, programs));
    return { host, ready: applyRole(`${name}-install`, host, text, carrying(programs), opts) };
}

function createHost(
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
        pulumi.mergeOptions(opts, { protect: index < (needs.protectedHosts ?? 0) }),
    );
    const connection = {
        host: machine.publicAddress,
        user: "root",
        privateKey,
        hostKey: hostKey.publicKeyOpenssh.apply((key) => key.trim()),
    };
    const onHost = pulumi.mergeOptions(opts, { deletedWith: machine.resource });
    const programs = [...library, ...(needs.programs ?? [])].map(program);
    const text = installText(name, [...baselinePackages, ...needs.packages], programs);
    const install = applyRole(`${name}-install`, { name, connection }, text, carrying(programs), onHost);
    const baseline = applyRole(
        `${name}-baseline`,
        { name, connection },
        baselineText(name, index),
        {},
        pulumi.mergeOptions(onHost, { dependsOn: before ? [install, before.ready] : [install] }),
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

const carrying = (programs: Program[]) => ({
    blobs: Object.fromEntries(programs.map(({ sha256, base64 }) => [sha256, base64])),
});

/**
 * Runs a role on one host after the other: a host that fails stops the roll while the others still serve.
 * Returns the hosts such that whoever uses them waits until they run the role.
 */
export function rollOut(
    hosts: ReadyHost[],
    apply: (host: Host, i: number, after: pulumi.Resource[]) => pulumi.Resource,
): Host[] {
    const roles = inTurn(hosts, ({ host, ready }, i, before) => apply(host, i, [ready, ...before]));
    return hosts.map(({ host }, i) => ({
        ...host,
        privateAddress: onceReady(host.privateAddress, roles[i]!),
        connection: onceReady(host.connection, roles[i]!),
    }));
}

/** Makes a resource for each item; each is told the one before it, to wait for. */
export function inTurn<Item>(
    items: Item[],
    make: (item: Item, i: number, before: pulumi.Resource[]) => pulumi.Resource,
): pulumi.Resource[] {
    const made: pulumi.Resource[] = [];
    for (const [i, item] of items.entries()) made.push(make(item, i, made.slice(-1)));
    return made;
}
