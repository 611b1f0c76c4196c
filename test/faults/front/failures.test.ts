import { sharedFlagship } from "../../support/shared.ts";
import { KEEPALIVED } from "../engines.ts";
import { testEveryFailure } from "../everyFailure.ts";

testEveryFailure(await sharedFlagship(), KEEPALIVED);
