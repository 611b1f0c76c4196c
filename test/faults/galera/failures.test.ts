import { expect, test } from "vitest";
import { MEMBERS } from "../../support/replicated.ts";
import { sharedGalera } from "../../support/shared.ts";
import { galeraFailures } from "../galeraFailures.ts";
import { testFailures } from "../writerFailures.ts";

const db = await sharedGalera();

testFailures(
    db,
    galeraFailures.filter(({ sampled }) => !sampled),
);

test("a member whose Galera has closed its connection to the others by itself joins anew", async () => {
    await db.synced(MEMBERS);
    const started = () => db.on("db-1", "systemctl show -P MainPID mariadb");
    const before = await started();
    // As an incremental transfer does that ends too early, of which nothing but a start helps either.
    await db.on("db-1", `mariadb -e "SET GLOBAL wsrep_provider_options = 'gmcast.isolate=2'"`);
    await expect.poll(started, { timeout: 30_000 }).not.toBe(before);
    await db.synced(MEMBERS);
});
