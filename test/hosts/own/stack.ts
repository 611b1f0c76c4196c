import { ownHostsOptions } from "../../support/ownHosts.ts";
import { sharedStack } from "../../support/sharedStack.ts";

/** Three hosts that Pulumi did not make: each serves the page, two of them balance. */
export default sharedStack("test-own", ownHostsOptions);
