import { expect, test } from "vitest";
import { testFailures } from "../../faults/balancerFailures.ts";
import { failures } from "../../faults/failures.ts";
import { handOver } from "../../faults/handOver.ts";
import { settled } from "../../faults/pair.ts";
import { succeeded } from "../../support/flagship.ts";
import { sharedFlagship } from "../../support/shared.ts";

const site = await sharedFlagship();

testFailures(
    site,
    failures.filter(({ sampled }) => sampled),
);

test("up, and refresh and up, leave the address where a failover has put it", async () => {
    // The first host had it when the stack was deployed.
    if ((await settled(site)).active === "lb-0") await handOver(site);
    succeeded(await site.stack.up("--expect-no-changes"));
    succeeded(await site.stack.refresh());
    succeeded(await site.stack.up("--expect-no-changes"));
    expect((await settled(site)).active).toBe("lb-1");
});
