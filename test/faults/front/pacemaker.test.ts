import { afterAll, beforeAll, describe } from "vitest";
import { succeeded } from "../../support/flagship.ts";
import { sharedFlagship } from "../../support/shared.ts";
import { testFailures } from "../balancerFailures.ts";
import { namesEngine } from "../change.ts";
import { PACEMAKER } from "../engines.ts";
import { testEveryFailure } from "../everyFailure.ts";
import { failuresOf } from "../failures.ts";

const site = await sharedFlagship();

describe("on Pacemaker", () => {
    let put = () => {};
    beforeAll(async () => {
        put = namesEngine(site, PACEMAKER);
        succeeded(await site.stack.up());
    });
    afterAll(async () => {
        put();
        succeeded(await site.stack.up());
    });

    // Those that `npm test` makes on keepalived alone.
    testFailures(
        site,
        failuresOf(PACEMAKER).filter(({ sampled }) => sampled),
    );
    testEveryFailure(site, PACEMAKER);
});
