import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { fetchEvery, succeeded as isGood, longestGap } from "../../tools/fetching.ts";
import { type Flagship, succeeded } from "../support/flagship.ts";
import type { Engine } from "./engines.ts";
import { moves } from "./moves.ts";
import { settled } from "./pair.ts";

/** What an engine leaves on a host that has another one. */
const LEFT: Record<Engine["name"], string> = {
    keepalived: `
systemctl is-active keepalived evenkeel-vrrp-link@lb
ip -brief link show evenkeel-vr51 2>/dev/null
ls /etc/keepalived/evenkeel /etc/evenkeel/balancers/lb/vrrp-link.conf 2>/dev/null`,
    pacemaker: `
systemctl is-active pacemaker corosync evenkeel-cluster@lb
pgrep -l 'pacemaker|corosync'
ls /etc/corosync/authkey /etc/evenkeel/balancers/lb/cib.xml /usr/lib/ocf/resource.d/evenkeel 2>/dev/null`,
};

/**
 * Has the pair's hosts change to an engine while the page is fetched: the address moves once at most, nobody waits long, and
 * nothing of the former engine is left.
 */
export async function changeTo(site: Flagship, engine: Engine, edit: () => void): Promise<void> {
    await settled(site);
    const before = await moves(site);
    const load = fetchEvery(site.url, 20, Number.POSITIVE_INFINITY);
    const holders = followed(site);
    try {
        edit();
        succeeded(await site.stack.up());
        await settled(site, 120);
    } finally {
        await holders.stop();
        await load.stop();
    }
    const lost = load.results.filter((one) => !isGood(one)).length;
    const asked = (await moves(site)) - before;
    console.log(
        `to ${engine.name}: ${lost} of ${load.results.length} requests lost, ${Math.round(longestGap(load.results))} ms without an answer, ${asked} requests to move, holders ${holders.seen.join(", ")}`,
    );
    expect(holders.seen).not.toContain("nobody");
    expect(holders.seen.length).toBeLessThanOrEqual(2);
    expect(longestGap(load.results)).toBeLessThan(5000);
    succeeded(await site.stack.up("--expect-no-changes"));
    const former = engine.name === "pacemaker" ? "keepalived" : "pacemaker";
    for (const host of ["lb-0", "lb-1"]) {
        const left = await site.on(host, `{ ${LEFT[former]}\n} | grep -vx inactive || true`);
        expect(left, `what ${former} left on ${host}`).toBe("");
    }
}

/** Who has the address, each time that it is another host. */
function followed(site: Flagship) {
    const seen: string[] = [];
    let isOver = false;
    const following = (async () => {
        while (!isOver) {
            const holder = await site.holder().then(
                (name) => name ?? "nobody",
                () => seen.at(-1),
            );
            if (holder !== undefined && holder !== seen.at(-1)) seen.push(holder);
            await sleep(200);
        }
    })();
    return {
        seen,
        stop: async () => {
            isOver = true;
            await following;
        },
    };
}

/** Tests of a pair that goes by an engine for as long as they run. */
export function describeOn(site: Flagship, engine: Engine, tests: () => void): void {
    describe(`on ${engine.name}`, () => {
        let put = () => {};
        beforeAll(async () => {
            put = namesEngine(site, engine);
            succeeded(await site.stack.up());
        });
        afterAll(async () => {
            put();
            succeeded(await site.stack.up());
        });
        tests();
    });
}

/** Where the arguments of the flagship's pair name its engine. */
export const namesEngine = (site: Flagship, engine: Engine) =>
    site.edit("failoverToken:", `failover: "${engine.name}", failoverToken:`);
