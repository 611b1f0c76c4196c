import { testBoot } from "../../../faults/boot.ts";
import { describeOn } from "../../../faults/change.ts";
import { PACEMAKER } from "../../../faults/engines.ts";
import { testFailBack } from "../../../faults/failBack.ts";
import { testLeaving } from "../../../faults/leaving.ts";
import { sharedFlagship } from "../../../support/shared.ts";

const site = await sharedFlagship();

describeOn(site, PACEMAKER, () => {
    testFailBack(site, PACEMAKER);
    testLeaving(site);
    testBoot(site, PACEMAKER);
});
