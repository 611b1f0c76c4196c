import { testBoot } from "../../faults/boot.ts";
import { KEEPALIVED } from "../../faults/engines.ts";
import { sharedFlagship } from "../../support/shared.ts";

testBoot(await sharedFlagship(), KEEPALIVED);
