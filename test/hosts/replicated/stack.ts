import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "../../../tools/paths.ts";
import { databaseOn } from "../../support/databases.ts";
import { cloudEnvironment } from "../../support/flagship.ts";
import { REPLICATED } from "../../support/replicated.ts";
import { sharedStack } from "../../support/sharedStack.ts";

/** The example, where web-0 reads from the writer and both clients know the members by name. */
const text = readFileSync(join(checkout, REPLICATED, "index.ts"), "utf8").replace(
    "clients: web.hosts,",
    'clients: web.hosts, names: true, reads: [{ client: web.hosts[0]!, from: "writer" }],',
);

/** A primary and two replicas, two web hosts that use them, and backups. */
export default sharedStack(
    "test-replicated",
    (cloud) => ({ program: REPLICATED, files: { "index.ts": text }, env: cloudEnvironment(cloud) }),
    async ({ cloud, stack }) => (await databaseOn(cloud, stack, REPLICATED)).prepareClients(),
);
