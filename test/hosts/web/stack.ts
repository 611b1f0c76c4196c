import { flagshipOptions } from "../../support/flagship.ts";
import { sharedStack } from "../../support/sharedStack.ts";

/** The same hosts as front's: by itself that stack would take longer than all others. */
export default sharedStack("test-web", (cloud) => flagshipOptions(cloud));
