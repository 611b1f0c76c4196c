import { expect, onTestFinished, test } from "vitest";
import { fetchEvery, succeeded } from "../../tools/fetching.ts";
import type { Flagship } from "../support/flagship.ts";
import { settled } from "./pair.ts";

/** Planned work on the balancer that has the address. */
export function testLeaving(site: Flagship): void {
    test("the balancer with the address leaves it to the other one, and what is under way is answered", async () => {
        const load = fetchEvery(site.url, 3, Number.POSITIVE_INFINITY);
        onTestFinished(() => load.stop());
        for (let move = 0; move < 4; move++) {
            const { active, standby } = await settled(site);
            await site.on(active, `/usr/local/lib/evenkeel/planned-work drain ${active}`);
            expect(await site.holder()).toBe(standby);
            expect(await site.on(active, "nft list tables | grep step-aside || true")).toBe("");
            await site.on(active, `/usr/local/lib/evenkeel/planned-work resume ${active}`);
        }
        await load.stop();
        expect(load.results.filter((one) => !succeeded(one))).toEqual([]);
    });
}
