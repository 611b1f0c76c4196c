import type { Host } from "./host.ts";
import { entryOf, type Site } from "./inventory.ts";

/** Notes whose programs run on hosts: by which component, as which user, and the folders that it may write. */
export function noteSite(hosts: string[], site: Site): void {
    for (const host of hosts) entryOf(host).sites.push(site);
}

export const sitesOn = (host: string): Site[] => entryOf(host).sites;

/** The user that may write a folder of the hosts, if a site has said so. */
export function writerOf(hosts: Pick<Host, "name">[], path: string): string | undefined {
    const sites = hosts.flatMap(({ name }) => sitesOn(name));
    return sites.find(({ writable }) => writable.some((folder) => `${path}/`.startsWith(`${folder}/`)))?.user;
}
