import { databaseOn } from "../../support/databases.ts";
import { cloudEnvironment } from "../../support/flagship.ts";
import { sharedStack } from "../../support/sharedStack.ts";

const program = "examples/galera-cluster";

/** A cluster of three members, two web hosts that use it, and backups. */
export default sharedStack(
    "test-galera",
    (cloud) => ({ program, env: cloudEnvironment(cloud) }),
    async ({ cloud, stack }) => (await databaseOn(cloud, stack, program)).prepareClients(),
);
