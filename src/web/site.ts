import { posix } from "node:path";
import { accountName } from "../hosts/accounts.ts";
import type { WebPoolArgs } from "./args.ts";

/** Where a pool's files are on its hosts, and whose they are. */
export interface SiteLayout {
    /** What is served. */
    documentRoot: string;
    /** What `up` brings is below it: the document root, or the folder of the releases. */
    base: string;
    /** Unix user of PHP; nothing without PHP. */
    user: string | undefined;
    /** Folders that PHP may write. */
    writable: string[];
    /** The same, as their paths in a URL begin; those that are served. */
    written: string[];
    /** The link to the release that is served, and how many are kept; nothing where there are none. */
    current: string | undefined;
    keep: number | undefined;
}

const KEEP = 3;

export function siteLayout(name: string, args: WebPoolArgs): SiteLayout {
    const { documentRoot = "/var/www/html", release, writable = [], php = false } = args;
    const user = php ? (args.user ?? accountName("site-", name)) : undefined;
    if (!release)
        return {
            documentRoot,
            base: documentRoot,
            user,
            writable: writable.map((path) => posix.join(documentRoot, path)),
            written: writable,
            current: undefined,
            keep: undefined,
        };
    const base = releasesFolder(name);
    const served = release.public === undefined ? "" : `${release.public}/`;
    const current = posix.join(base, "current");
    return {
        documentRoot: posix.join(current, release.public ?? ""),
        base,
        user,
        writable: writable.map((path) => posix.join(base, "shared", path)),
        written: writable.filter((path) => path.startsWith(served)).map((path) => path.slice(served.length)),
        current,
        keep: release.keep ?? KEEP,
    };
}

const releasesFolder = (name: string) => `/var/www/${name}`;
