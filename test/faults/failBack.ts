import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { within } from "../../tools/waiting.ts";
import { type Flagship, succeeded } from "../support/flagship.ts";
import type { Engine } from "./engines.ts";
import { handOver } from "./handOver.ts";
import { settled } from "./pair.ts";

const DELAY = 8;

/** Who has the address when its preferred host is back. */
export function testFailBack(site: Flagship, engine: Engine): void {
    /** The first host gives the address away for a moment, and is back. */
    async function firstIsBack(): Promise<number> {
        if ((await settled(site)).active !== "lb-0") await handOver(site, undefined, engine);
        await handOver(site, undefined, engine);
        return Date.now();
    }

    test("a host that was away stays backup: it is never told to take the address back", async () => {
        await firstIsBack();
        await sleep(2000 * DELAY);
        expect((await settled(site)).active).toBe("lb-1");
    });

    test("with failBack it takes the address back, after the delay and not before", async () => {
        const put = site.edit("failoverToken:", `failBack: true, failBackDelay: ${DELAY}, failoverToken:`);
        onTestFinished(async () => {
            put();
            succeeded(await site.stack.up());
        });
        succeeded(await site.stack.up());
        await within(60, "lb-0 to take it back", async () => (await site.holder()) === "lb-0");
        const back = await firstIsBack();
        expect(await site.holder()).toBe("lb-1");
        await within(60, "lb-0 to take it back again", async () => (await site.holder()) === "lb-0", 100);
        const seconds = (Date.now() - back) / 1000;
        expect(seconds).toBeGreaterThan(DELAY - 2);
        expect(seconds).toBeLessThan(3 * DELAY);
        expect((await settled(site)).active).toBe("lb-0");
    });
}
