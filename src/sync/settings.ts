import { accountName } from "../hosts/accounts.ts";
import type { Host } from "../hosts/host.ts";
import { writerOf } from "../hosts/sites.ts";
import { type CopyMode, DEFAULT_GROUP, type FileSyncArgs, SyncMode } from "./args.ts";
import { secondsOf } from "./checks.ts";

/** What a sync is, settled to the last detail; hosts by name. */
export interface SyncSettings {
    name: string;
    mode: CopyMode;
    path: string;
    /** Whose files the others get. */
    source: string | null;
    /** The source and its targets; with `twoWay` in the order in which they would be the centre. */
    hosts: string[];
    exclude: string[];
    delay: number;
    /** Seconds. */
    every: number | null;
    maxDelete: number;
    readOnly: boolean;
    conflicts: "newest" | "keepBoth" | { prefer: string };
    group: string;
}

/** The hosts of a sync, in the order of its settings. */
export function syncHosts({ source, targets = [], hosts = [], centre }: CopyArgs): Host[] {
    if (source) return [source, ...targets];
    const first = hosts.filter(({ name }) => name === centre?.name);
    return [...first, ...hosts.filter((host) => !first.includes(host))];
}

/** The arguments of a sync that copies. */
export type CopyArgs = FileSyncArgs & { mode: CopyMode };

export function settingsOf(name: string, args: CopyArgs): SyncSettings {
    const { mode, path, source, exclude = [], delay = 1, maxDelete = 1000, readOnly = false } = args;
    const { every = mode === SyncMode.Periodic ? "1min" : undefined, conflicts = "newest" } = args;
    return {
        name,
        mode,
        path,
        source: source?.name ?? null,
        hosts: syncHosts(args).map((host) => host.name),
        exclude,
        delay,
        every: every === undefined ? null : secondsOf(every),
        maxDelete,
        readOnly,
        conflicts: typeof conflicts === "object" ? { prefer: conflicts.prefer.name } : conflicts,
        group: args.group ?? writerOf(syncHosts(args), path) ?? DEFAULT_GROUP,
    };
}

/** Who begins an exchange: needs a key that the others admit. */
export const beginners = ({ mode, source, hosts }: SyncSettings): string[] =>
    mode === SyncMode.TwoWay ? hosts : [source!];

/** Who is asked: has a door. */
export const answerers = ({ mode, source, hosts }: SyncSettings): string[] =>
    mode === SyncMode.TwoWay ? hosts : hosts.filter((host) => host !== source);

export const isAnswerer = (settings: SyncSettings, host: string): boolean =>
    answerers(settings).includes(host);

/** Unix account of a sync on its hosts. */
export const syncUser = (name: string): string => accountName("sync-", name);

/** What the programs on a host go by. */
export function syncConfig(settings: SyncSettings, host: string): string {
    const { name, mode, path, source, hosts, exclude, delay, every, maxDelete, readOnly, conflicts, group } =
        settings;
    const user = syncUser(name);
    const all = { name, host, path, mode, user, group, source, hosts, exclude };
    const ofMode = mode === SyncMode.TwoWay ? { conflicts, every } : { maxDelete, readOnly, every, delay };
    return `${JSON.stringify({ ...all, ...ofMode }, null, 2)}\n`;
}
