import { expect, test } from "vitest";
import { fetchMany } from "../../../../tools/fetching.ts";
import { within } from "../../../../tools/waiting.ts";
import { testLeaving } from "../../../faults/leaving.ts";
import { sharedFlagship } from "../../../support/shared.ts";
import { underLoad } from "../../../support/underLoad.ts";

const site = await sharedFlagship();

const UNIT = "evenkeel-back-in-service";

/** Who answers of the web hosts. */
const serving = async () =>
    [...new Set((await fetchMany(site.url, 20)).map(({ servedBy }) => servedBy))].sort();

test("a host that was taken out of service for a change that never came is back by itself, and no request is lost", async () => {
    await underLoad(site, async () => {
        await site.on("web-0", "/usr/local/lib/evenkeel/planned-work drain web-0");
        await within(30, "web-1 to serve alone", async () => (await serving()).join() === "web-1");
        expect(await site.on("web-0", `systemctl show -P TimersMonotonic ${UNIT}.timer`)).toContain(
            "OnActiveUSec=10min",
        );
        // As the timer does then.
        await site.on("web-0", `systemctl start ${UNIT}.service`);
        await within(30, "both to serve", async () => (await serving()).length === 2);
    });
    expect(await site.on("web-0", `systemctl is-active ${UNIT}.timer || true`)).toBe("inactive");
});

testLeaving(site);
