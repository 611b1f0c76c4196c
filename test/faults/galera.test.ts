import { afterAll, beforeAll, expect, test } from "vitest";
import { type DatabaseStack, deployDatabase } from "../support/databases.ts";
import { boundMs, type DatabaseFailure, measureFailure } from "./databaseFailure.ts";
import { galeraFailures } from "./galeraFailures.ts";

const MEMBERS = ["db-0", "db-1", "db-2"];

let db: DatabaseStack;
beforeAll(async () => {
    db = await deployDatabase("test-galera-failures", "examples/galera-cluster");
});
afterAll(async () => db?.remove());

const gaps: string[] = [];
afterAll(() => console.log(gaps.join("\n")));

test.each(galeraFailures)("$name", async (failure: DatabaseFailure) => {
    const table = failure.name.replaceAll(/\W/g, "_");
    const { gapMs, rows, lost, errors } = await measureFailure(db, failure, table);
    gaps.push(`${failure.name}: ${gapMs} ms, ${lost} of ${rows} rows lost, ${errors} errors`);
    expect(lost).toBe(0);
    expect(gapMs).toBeLessThan(boundMs(failure));
});

test("a member whose Galera has closed its connection to the others by itself joins anew", async () => {
    await db.synced(MEMBERS);
    const started = () => db.on("db-1", "systemctl show -P MainPID mariadb");
    const before = await started();
    // As an incremental transfer does that ends too early, of which nothing but a start helps either.
    await db.on("db-1", `mariadb -e "SET GLOBAL wsrep_provider_options = 'gmcast.isolate=2'"`);
    await expect.poll(started, { timeout: 30_000 }).not.toBe(before);
    await db.synced(MEMBERS);
});
