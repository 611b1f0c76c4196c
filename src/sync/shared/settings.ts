import type { Host } from "../../hosts/host.ts";
import { writerOf } from "../../hosts/sites.ts";
import { DEFAULT_GROUP } from "../args.ts";

/** What a shared folder is, settled to the last detail; hosts by name. */
export interface SharedSettings {
    name: string;
    mode: "shared";
    path: string;
    /** Each of them holds all files. */
    hosts: string[];
    /** Holds names alone, and decides between two. */
    arbiter: string | null;
    group: string;
}

/** With three copies, or two and an arbiter, any host may die; each one more would make every write wait for it, too. */
export const COPIES = { alone: 3, withArbiter: 2 };

export interface SharedArgs {
    path: string;
    hosts: Host[];
    arbiter?: Host;
    group?: string;
}

export const sharedSettings = (name: string, args: SharedArgs): SharedSettings => ({
    name,
    mode: "shared",
    path: args.path,
    hosts: args.hosts.map((host) => host.name),
    arbiter: args.arbiter?.name ?? null,
    group: args.group ?? writerOf(args.hosts, args.path) ?? DEFAULT_GROUP,
});

/** All hosts of the pool; the first one brings files that it has in the folder already. */
export const sharedHosts = ({ hosts, arbiter }: SharedArgs): Host[] => [
    ...hosts,
    ...(arbiter ? [arbiter] : []),
];

export const members = ({ hosts, arbiter }: SharedSettings): string[] => [
    ...hosts,
    ...(arbiter === null ? [] : [arbiter]),
];
