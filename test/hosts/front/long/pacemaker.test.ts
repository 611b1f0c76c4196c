import { afterAll, beforeAll, describe } from "vitest";
import { testBoot } from "../../../faults/boot.ts";
import { namesEngine } from "../../../faults/change.ts";
import { PACEMAKER } from "../../../faults/engines.ts";
import { testFailBack } from "../../../faults/failBack.ts";
import { testLeaving } from "../../../faults/leaving.ts";
import { succeeded } from "../../../support/flagship.ts";
import { sharedFlagship } from "../../../support/shared.ts";

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

    testFailBack(site, PACEMAKER);
    testLeaving(site);
    testBoot(site, PACEMAKER);
});
