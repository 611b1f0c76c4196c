import { setTimeout as sleep } from "node:timers/promises";
import type { Flagship } from "../test/support/flagship.ts";
import { type Load, wrk } from "./servingLoad.ts";

const SAMPLE_MS = 5000;

type Site = Pick<Flagship, "on">;

/** What a role took at most. */
export interface Taken {
    role: string;
    load: Load;
    hosts: Most[];
}

interface Most {
    host: string;
    /** Megabytes that no file has, of the host and of each of its units. */
    used: number;
    units: Map<string, number>;
    swapped: number;
    killed: number;
}

/** Load that goes on, and what hosts took meanwhile. */
export async function enduring(site: Site, hosts: string[], url: string, seconds: number) {
    const most = hosts.map((host): Most => ({ host, used: 0, units: new Map(), swapped: 0, killed: 0 }));
    const before = await Promise.all(hosts.map((host) => kills(site, host)));
    let isOver = false;
    const watching = Promise.all(
        most.map(async (each) => {
            while (!isOver) {
                await note(site, each);
                await sleep(SAMPLE_MS);
            }
        }),
    );
    const load = await wrk(url, seconds);
    isOver = true;
    await watching;
    for (const [i, each] of most.entries()) each.killed = (await kills(site, each.host)) - before[i]!;
    console.error(`${url}: ${load.perSecond} a second, ${load.lost} of ${load.requests} lost`);
    return { load, hosts: most };
}

const SAMPLE = `cd /sys/fs/cgroup
echo swap $(cat memory.swap.current 2>/dev/null || echo 0)
for stat in memory.stat system.slice/*.service/memory.stat; do
    echo "$stat" "$(sed -n 's/^anon //p' "$stat")"
done`;

async function note(site: Site, most: Most): Promise<void> {
    for (const line of (await site.on(most.host, SAMPLE)).split("\n")) {
        const [what = "", bytes] = line.split(" ");
        const megabytes = Math.round(Number(bytes) / 2 ** 20);
        const unit = /([^/]+)\.service\/memory\.stat$/.exec(what)?.[1];
        if (what === "swap") most.swapped = Math.max(most.swapped, megabytes);
        else if (unit) most.units.set(unit, Math.max(most.units.get(unit) ?? 0, megabytes));
        else most.used = Math.max(most.used, megabytes);
    }
}

const kills = async (site: Site, host: string) =>
    Number(await site.on(host, "sed -n 's/^oom_kill //p' /sys/fs/cgroup/memory.events"));

/** A row of the table for each host. */
export const rowsOf = ({ role, load, hosts }: Taken): string[] =>
    hosts.map(({ host, used, units, swapped, killed }) => {
        const largest = [...units]
            .toSorted(([, one], [, other]) => other - one)
            .slice(0, 3)
            .map(([unit, megabytes]) => `${unit} ${megabytes}`)
            .join(", ");
        return `| ${role}: ${host} | ${load.perSecond} | ${load.lost} of ${load.requests} | ${used} MB | ${largest} | ${swapped} MB | ${killed} |`;
    });

export const HEADINGS = `| role and host | requests a second | lost | host's memory | of which, MB | swap | ended for want of memory |
|---|---|---|---|---|---|---|`;
