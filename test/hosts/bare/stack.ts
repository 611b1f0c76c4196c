import { cloudDirectory } from "../../../local/directories.ts";
import { readMachines } from "../../../local/machines/record.ts";
import { bareHost } from "../../support/bareHost.ts";
import { sharedCloud } from "../../support/sharedStack.ts";

/** One host, no engine: for roles and what else runs on a host by itself. */
export default sharedCloud("test-bare", async (cloud) => {
    const { hosts } = readMachines(cloudDirectory(cloud.name));
    if (Object.keys(hosts).length === 0) await bareHost(cloud, "probe-0");
});
