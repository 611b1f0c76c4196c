import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { cloudOf } from "../clouds/cloudOf.ts";
import { applyRole, runOnHost } from "./applyRole.ts";
import { baselinePackages, baselineSteps, installText } from "./baseline.ts";
import { onceInCatalogue } from "./catalogue.ts";
import type { Host, HostsArgs } from "./host.ts";
import { noteMachine } from "./inventory.ts";
import { hostOnceReady, onceReady } from "./onceReady.ts";
import { upgradeHost } from "./planned.ts";
import { baselinePrograms, library, libraryPackages, type Program, program } from "./programs.ts";
import { Resizing } from "./resizing.ts";
import { childName, roleName, type Step } from "./roleText.ts";
import { userData } from "./userData.ts";

/** What a component wants on its hosts before its own role runs. */
interface Needs {
    packages: string[];
    /** Programs of services beside the role library. */
    programs?: string[];
    /** What else there has to be before its roles, such as accounts. */
    steps?: Step[];
    /** How many of the created hosts, from the first on, no deployment may delete. @default 0: as the program's own options have it */
    protectedHosts?: number;
}

/** A host that is ready for roles once `ready` is there. */
export interface ReadyHost {
    host: Host;
    ready: pulumi.Resource;
    /** For what may come before, as soon as `installed` is there: the host's own roles do not wait for the baseline. */
    born: Born;
    /** Packages and programs. */
    installed: pulumi.Resource;
}

/** A host of which nothing is known but how to reach it. */
export type Born = Pick<Host, "name" | "connection">;

export const DEFAULT_HOST_COUNT = 2;

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

/** Children have their parent's `protect`, which the SDK keeps under this name. */
const isProtectedBelow = (parent: pulumi.Resource | undefined): boolean =>
    (parent as { __protect?: boolean } | undefined)?.__protect === true;

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
    const resizing = new Resizing(component, opts);
    for (const [i, host] of hostNames(component, args).entries()) {
        ready.push(createHost(component, host, i, args, needs, ready.at(-1), resizing, opts));
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
    const packages = [...(host.baseline ? [] : libraryPackages), ...needs.packages];
    const installed = install(component, host, packages, programs, needs, opts);
    return { host, ready: installed, born: host, installed };
}

function install(
    component: string,
    host: Born,
    packages: string[],
    programs: Program[],
    { steps }: Needs,
    opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
    const role = roleName(component, "install");
    const text = installText(role, host.name, packages, programs, steps);
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
    resizing: Resizing,
    opts: pulumi.CustomResourceOptions,
): ReadyHost {
    const { cloud: cloudName, region, network, sshKey, privateKey, tag, firewall } = placement!;
    const cloud = cloudOf(cloudName);
    const slugs = {
        region: { at: "placement.region", slug: region },
        ...(size === undefined ? {} : { size: { at: "size", slug: size } }),
    };
    const known = onceInCatalogue(component, cloudName, slugs, opts);
    const hostKey = new tls.PrivateKey(`${name}-host-key`, { algorithm: "ED25519" }, known);
    const isProtected = index < (needs.protectedHosts ?? 0);
    const publicKey = hostKey.publicKeyOpenssh.apply((key) => key.trim());
    const birth = {
        region,
        image: cloud.defaults.image,
        network,
        sshKey,
        tags: [tag],
        firewall,
        userData: pulumi
            .all([hostKey.privateKeyOpenssh, hostKey.publicKeyOpenssh])
            .apply(([priv, pub]) => userData(name, { privateKey: priv, publicKey: pub })),
    };
    const keys = { privateKey, hostKey: publicKey };
    const slug = size ?? cloud.defaults.size;
    const machine = resizing.host(name, slug, keys, (size) =>
        cloud.host(name, { ...birth, size }, isProtected ? protectedBy(known) : known),
    );
    noteMachine(name, {
        ...machine,
        isProtected: isProtected || isProtectedBelow(opts.parent),
        size: slug,
        component,
        kind: opts.parent!.constructor.name,
        cloud: cloudName,
    });
    const connection = {
        host: machine.publicAddress,
        user: "root",
        ...keys,
    };
    const born: Born = { name, connection };
    const programs = [...library, ...baselinePrograms, ...(needs.programs ?? [])].map(program);
    const installed = install(
        component,
        born,
        [...baselinePackages, ...needs.packages],
        programs,
        needs,
        opts,
    );
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
        ...(firewall ? { firewall } : {}),
        baseline: true,
    };
    return { host, ready: baseline, born, installed };
}

/**
 * Runs a role on one host after the other, with the upgrade of its packages if that is asked for: a host that fails stops the
 * roll while the others still serve. Returns the hosts such that whoever uses them waits until they run the role.
 */
export function rollOut(
    { component, args, opts }: Roll,
    hosts: ReadyHost[],
    apply: (host: Host, after: pulumi.Resource[]) => pulumi.Resource,
): Host[] {
    const roles = inTurn(hosts, ({ host, ready }, before) =>
        upgraded({ component, args, opts }, host, apply(host, [ready, ...before])),
    );
    return afterRoles(hosts, roles);
}

/** With the upgrade of its packages, if that is asked for. */
export const upgraded = ({ component, args, opts }: Roll, host: Host, applied: pulumi.Resource) =>
    args.upgrade ? upgradeHost(component, host, args.upgrade, [applied], opts) : applied;

/** The hosts such that whoever uses them waits for these, one each. */
export function afterRoles(hosts: ReadyHost[], roles: pulumi.Resource[]): Host[] {
    return hosts.map(({ host }, i) => hostOnceReady(host, roles[i]!));
}

/** Whose hosts they are. */
export interface Roll {
    component: string;
    args: HostsArgs;
    opts: pulumi.CustomResourceOptions;
}

/** Makes a resource for each item; each is told the one before it, to wait for, and the first one what is before all of them. */
export function inTurn<Item>(
    items: Item[],
    make: (item: Item, before: pulumi.Resource[]) => pulumi.Resource,
    before: pulumi.Resource[] = [],
): pulumi.Resource[] {
    const made: pulumi.Resource[] = [];
    for (const item of items) made.push(make(item, made.length > 0 ? made.slice(-1) : before));
    return made;
}
