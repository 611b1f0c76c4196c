import { sharedFlagship } from "../../support/shared.ts";
import { testFailures } from "../balancerFailures.ts";
import { describeOn } from "../change.ts";
import { PACEMAKER } from "../engines.ts";
import { testEveryFailure } from "../everyFailure.ts";
import { failuresOf } from "../failures.ts";

const site = await sharedFlagship();

describeOn(site, PACEMAKER, () => {
    // Those that `npm test` makes on keepalived alone.
    testFailures(
        site,
        failuresOf(PACEMAKER).filter(({ sampled }) => sampled),
    );
    testEveryFailure(site, PACEMAKER);
});
