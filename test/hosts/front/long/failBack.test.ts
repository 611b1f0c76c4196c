import { KEEPALIVED } from "../../../faults/engines.ts";
import { testFailBack } from "../../../faults/failBack.ts";
import { sharedFlagship } from "../../../support/shared.ts";

testFailBack(await sharedFlagship(), KEEPALIVED);
