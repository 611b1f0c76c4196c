import type { Host } from "../hosts/host.ts";

/** Of Debian's web servers and PHP. */
export const DEFAULT_GROUP = "www-data";

/** How files go from host to host. */
export const SyncMode = {
    /** From one host to others, a second or so after each change: lsyncd. */
    OneWay: "oneWay",
    /** From one host to others at an interval: rsync and a timer. */
    Periodic: "periodic",
    /** Between hosts each of which writes: unison. */
    TwoWay: "twoWay",
    /** One tree on all hosts at once, with locks: GlusterFS. Every write waits for the other hosts. */
    Shared: "shared",
} as const;
export type SyncMode = (typeof SyncMode)[keyof typeof SyncMode];
/** Those in which files are copied from host to host. */
export type CopyMode = Exclude<SyncMode, "shared">;

/** What counts when two hosts changed the same file before either knew of it. */
export type SyncConflicts =
    /** The later change by the hosts' clocks; the other one stays beside it on its host, as `NAME (conflict_on_DATE).EXT`. */
    | "newest"
    /** Both are kept, on all hosts: the later change has the name, the other one is `NAME (conflict_on_DATE).EXT`. */
    | "keepBoth"
    /** This host's; the other one stays beside it on its host. */
    | { prefer: Host };

export interface FileSyncArgs {
    mode: SyncMode;
    /** Absolute path of the folder, the same on all hosts; it is made where it is not there. */
    path: string;
    /** The host whose files the others get: `oneWay` and `periodic`. What is written elsewhere is lost. */
    source?: Host;
    /** The hosts that get them: `oneWay` and `periodic`. One that is down holds up no other, and catches up. */
    targets?: Host[];
    /** The hosts that have the files in common: two or more with `twoWay`; three, or two and an `arbiter`, with `shared`. */
    hosts?: Host[];
    /** Holds names and no contents, and decides which of two hosts goes on when they do not see each other: `shared`. */
    arbiter?: Host;
    /**
     * What is left out: `*.tmp` is a name anywhere, `/cache` a path from the folder on; `*` is any text without a slash, `?` any
     * letter. @default nothing
     */
    exclude?: string[];
    /** Seconds in which changes are gathered before they go, 1 to 3600: `oneWay`. @default 1 */
    delay?: number;
    /**
     * How often files are compared, such as "30s", "1min" or "1h". @default "1min" for `periodic`; `twoWay` watches the folder
     * instead
     */
    every?: string;
    /**
     * How many files one run may delete at a target, beyond which it deletes none of the rest and says so: `oneWay` and
     * `periodic`. @default 1000
     */
    maxDelete?: number;
    /** Whether the group may only read at the targets: `oneWay` and `periodic`. @default false */
    readOnly?: boolean;
    /** What counts when two hosts changed the same file: `twoWay`. @default "newest" */
    conflicts?: SyncConflicts;
    /** The host that exchanges with all others, while it is up; when it dies the next of `hosts` does: `twoWay`. @default the first host */
    centre?: Host;
    /**
     * Unix group of the application, which may write: folders pass it on to what is made in them. @default the `user` of the
     * `WebPool` among whose `writable` folders this one is, else "www-data"
     */
    group?: string;
}
