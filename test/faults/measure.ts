import { endsSteady, type Fetched, fetchEvery, longestGap, succeeded } from "../../tools/fetching.ts";
import { within } from "../../tools/waiting.ts";
import type { Flagship } from "../support/flagship.ts";
import type { Failure } from "./failures.ts";
import { type Pair, settled } from "./pair.ts";

export interface Measured {
    /** The longest time between two good answers, as a client sees it. */
    gapMs: number;
    lost: number;
    requests: number;
    /** The balancers before. */
    before: Pair;
    /** Who holds the address, and is VRRP's master, when everything is in order again. */
    holder: string;
}

const FETCH_EVERY_MS = 10;
const PATIENCE_SECONDS = 60;

/** Makes something fail while the page is fetched from outside, until everything is in order again. */
export async function measure(site: Flagship, failure: Failure): Promise<Measured> {
    const before = await settled(site);
    const load = fetchEvery(site.url, FETCH_EVERY_MS, Number.POSITIVE_INFINITY);
    const since = (at: number) => load.results.filter((one: Fetched) => one.at > at);
    try {
        await within(10, "steady answers before the failure", () => endsSteady(load.results));
        const start = performance.now();
        try {
            await failure.make(site, before);
            await within(
                PATIENCE_SECONDS,
                "steady answers after the failure",
                () => performance.now() - start > (failure.lastsMs ?? 0) && endsSteady(since(start)),
            );
            if (failure.moves) {
                const moved = async () => (await site.holder().catch(() => undefined)) === before.standby;
                await within(PATIENCE_SECONDS, `the address to move to ${before.standby}`, moved, 500);
            }
        } finally {
            await failure.heal?.(site, before);
        }
        const { active: holder } = await settled(site);
        await load.stop();
        const { results } = load;
        const lost = results.filter((one) => !succeeded(one)).length;
        return {
            gapMs: Math.round(longestGap(results)),
            lost,
            requests: results.length,
            before,
            holder,
        };
    } finally {
        await load.stop();
    }
}
