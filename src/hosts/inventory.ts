import * as pulumi from "@pulumi/pulumi";
import type { CloudHost, CloudName } from "../clouds/cloud.ts";
import { type Problem, refuse } from "./validation.ts";

/** Whose something is that a cloud charges for: a component, by its name and its class. */
export interface Holding {
    component: string;
    kind: string;
    cloud: CloudName;
}

/** What a cloud calls a host, the resource with which it is deleted, whether Pulumi refuses that, and the slug of its size. */
export type Machine = Pick<CloudHost, "id" | "resource"> & Holding & { isProtected: boolean; size: string };

/** A folder of a host with all that is in it, or of that folder certain files alone. */
export interface Tree {
    path: string;
    /** Paths below it. @default everything */
    files?: string[];
}

export interface Site {
    by: string;
    user: string;
    writable: string[];
}

/** What one run of a program knows of a host that several components use. */
interface Entry {
    /** Where the program creates it. */
    machine?: Machine;
    /** Whether the program runs anything there. */
    isReached?: boolean;
    /** Who has what there is only one of, such as a port. */
    owners: Map<string, string>;
    trees: (Tree & { by: string })[];
    /** Where one component's files come from another host, and where they come from. */
    copies: { by: string; source: string }[];
    /** By whom others get its files. */
    sources: string[];
    /** Whose programs run here, as which user, and the folders that they may write. */
    sites: Site[];
    /** Paths of requests that this host alone answers, and who sends them there. */
    pins: { by: string; path: string }[];
    /** By the database that they are for, how many connections to its MariaDB each of the clients may have open at once. */
    connections: Map<string, number[]>;
}

/** By the engine that a run speaks to: one process may hold several runs, one after the other or at once. */
const runs = new WeakMap<object, Map<string, Entry>>();
const outsideOfRuns = {};
/** The engine that a run speaks to. */
export const thisRun = () => (pulumi.runtime.getMonitor() as object | undefined) ?? outsideOfRuns;

export function entryOf(host: string): Entry {
    const entries = runs.get(thisRun()) ?? new Map<string, Entry>();
    runs.set(thisRun(), entries);
    const entry = entries.get(host) ?? newEntry();
    entries.set(host, entry);
    return entry;
}

const newEntry = (): Entry => ({
    owners: new Map(),
    trees: [],
    copies: [],
    sources: [],
    sites: [],
    pins: [],
    connections: new Map(),
});

export function noteMachine(host: string, machine: Machine): void {
    entryOf(host).machine = machine;
}

/** What it is at its cloud, if this program creates it. */
export const machineOf = (host: string): Machine | undefined => entryOf(host).machine;

export function noteReached(host: string): void {
    entryOf(host).isReached = true;
}

/** The hosts where the program runs something, and what those are that it creates. */
export function reachedHosts(): [host: string, machine: Machine | undefined][] {
    const entries = [...(runs.get(thisRun()) ?? [])];
    return entries.flatMap(([host, { isReached, machine }]) => (isReached ? [[host, machine]] : []));
}

/** The addresses that a run reserves. */
const addresses = new WeakMap<object, Holding[]>();

export const reservedAddresses = (): Holding[] => addresses.get(thisRun()) ?? [];

export function noteReservedAddress(holding: Holding): void {
    addresses.set(thisRun(), [...reservedAddresses(), holding]);
}

/** Refuses hosts of the program's that would hold rows, and that an edit could delete. */
export function refuseUnprotected(component: string, name: string, hosts: string[]): void {
    const unprotected = hosts.filter((host) => machineOf(host)?.isProtected === false);
    const reason = (host: string) =>
        `"${host}" would hold rows, and nothing keeps it from being deleted: set \`deletionProtection: true\` where it is created, or \`deletionProtection: false\` here`;
    refuse(
        component,
        name,
        unprotected.map((host) => ({ propertyPath: "hosts", reason: reason(host) })),
    );
}

/** The last host of a run that is taken out of service for a while. */
const planned = new WeakMap<object, pulumi.Resource>();

/** What the next one waits for. */
export function lastPlanned(): pulumi.Resource[] {
    const last = planned.get(thisRun());
    return last ? [last] : [];
}

export function notePlanned(resource: pulumi.Resource): void {
    planned.set(thisRun(), resource);
}

/** Something that a host has one of: the argument that asks for it, and its name in words. */
export interface Claim {
    propertyPath: string;
    /** Such as "port 80 of its private address". */
    thing: string;
    /** Who has it, where several components have it together. @default the component alone */
    by?: string;
}

/** Takes what a host has one of for a component; refuses what another one of the program has already. */
export function claim(component: string, name: string, hosts: string[], claims: Claim[]): void {
    const alone = `${component} "${name}"`;
    const problems = hosts.flatMap((host) =>
        claims.flatMap(({ propertyPath, thing, by = alone }): Problem[] => {
            const owner = entryOf(host).owners.get(thing);
            if (owner === undefined || owner === by) return [];
            return [{ propertyPath, reason: `${thing} on the host "${host}" belongs to ${owner}` }];
        }),
    );
    refuse(component, name, problems);
    for (const host of hosts) for (const { thing, by = alone } of claims) entryOf(host).owners.set(thing, by);
}
