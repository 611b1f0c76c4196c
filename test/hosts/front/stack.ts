import { flagshipOptions } from "../../support/flagship.ts";
import { sharedStack } from "../../support/sharedStack.ts";

/** Two balancers and two web hosts: the flagship without a database. */
export default sharedStack("test-front", (cloud) => flagshipOptions(cloud));
