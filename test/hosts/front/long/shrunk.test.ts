import { afterEach, describe, expect, test } from "vitest";
import { fetchEvery, succeeded as isGood, longestGap } from "../../../../tools/fetching.ts";
import { describeOn } from "../../../faults/change.ts";
import { KEEPALIVED, PACEMAKER } from "../../../faults/engines.ts";
import { handOver } from "../../../faults/handOver.ts";
import { moves } from "../../../faults/moves.ts";
import { settled } from "../../../faults/pair.ts";
import { succeeded } from "../../../support/flagship.ts";
import { sharedFlagship } from "../../../support/shared.ts";
import { underLoad } from "../../../support/underLoad.ts";

const site = await sharedFlagship();
const ONE = "hostCount: 1, singlePointOfFailure: true, ";

/** Leaves the pair with its first host alone, under load. */
async function shrunk() {
    const before = await moves(site);
    const load = fetchEvery(site.url, 20, Number.POSITIVE_INFINITY);
    site.edit("failoverToken:", `${ONE}failoverToken:`);
    try {
        succeeded(await site.stack.up());
    } finally {
        await load.stop();
    }
    expect(await site.holder()).toBe("lb-0");
    succeeded(await site.stack.up("--expect-no-changes"));
    return {
        lost: load.results.filter((one) => !isGood(one)).length,
        gap: Math.round(longestGap(load.results)),
        moved: (await moves(site)) - before,
    };
}

const engines = [KEEPALIVED, PACEMAKER];
for (const engine of engines) {
    const tests = () => {
        afterEach(async () => {
            site.edit(ONE, "");
            succeeded(await site.stack.up());
            await settled(site, 120);
        });

        test("a pair shrinks to the host that has the address: nobody moves it, and no request is lost", async () => {
            if ((await settled(site)).active !== "lb-0") await handOver(site, undefined, engine);
            expect((await settled(site)).active).toBe("lb-0");
            expect(await shrunk()).toMatchObject({ lost: 0, moved: 0 });
        });

        test("drained first, a host that has the address leaves it, and no request is lost", async () => {
            if ((await settled(site)).active !== "lb-1") await handOver(site, undefined, engine);
            expect((await settled(site)).active).toBe("lb-1");
            await underLoad(site, () => site.on("lb-1", "/usr/local/lib/evenkeel/planned-work drain lb-1"));
            expect(await shrunk()).toMatchObject({ lost: 0, moved: 0 });
        });

        test("a pair shrinks to the other host: the address moves once, within seconds", async () => {
            if ((await settled(site)).active !== "lb-1") await handOver(site, undefined, engine);
            expect((await settled(site)).active).toBe("lb-1");
            const { lost, gap, moved } = await shrunk();
            console.log(`${engine.name}: ${lost} requests lost, ${gap} ms without an answer`);
            expect(moved).toBe(1);
            // As long as it takes to see that a host is not there.
            expect(gap).toBeLessThan(10_000);
        });
    };
    if (engine === KEEPALIVED) describe("on keepalived", tests);
    else describeOn(site, engine, tests);
}
