import { afterAll, beforeAll, expect, test } from "vitest";
import { succeeded } from "../../support/flagship.ts";
import { sharedFlagship } from "../../support/shared.ts";
import { FOLDER, measureSync, SYNC_HOSTS, TWO_WAY_SYNC } from "../measureSync.ts";
import { syncFailures } from "../syncFailures.ts";

const site = await sharedFlagship();

let restore = () => {};
beforeAll(async () => {
    restore = site.edit("export const url = ", TWO_WAY_SYNC);
    succeeded(await site.stack.up());
}, 600_000);
afterAll(async () => {
    restore();
    succeeded(await site.stack.up());
    for (const host of SYNC_HOSTS) await site.on(host, `rm -r ${FOLDER}`);
}, 300_000);

test.each(syncFailures)(
    "two ways, $name: no line is lost, and all hosts have the same after it",
    async (failure) => {
        const { gapMs, lines, lost } = await measureSync(site, failure);
        console.log(
            `two ways, ${failure.name}: ${lost} of ${lines} lines lost, the same on all hosts after ${gapMs} ms`,
        );
        expect(lost).toBe(0);
        expect(lines).toBeGreaterThan(100);
    },
    600_000,
);
