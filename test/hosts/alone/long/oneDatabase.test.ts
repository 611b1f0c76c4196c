import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkout } from "../../../../tools/paths.ts";
import { succeeds, within } from "../../../../tools/waiting.ts";
import { power } from "../../../faults/hosts.ts";
import { backupsOf } from "../../../support/backups.ts";
import { type DatabaseStack, deployDatabase, lostRows, startWriter } from "../../../support/databases.ts";
import { editFile, succeeded } from "../../../support/flagship.ts";

const EXAMPLE = "examples/galera-cluster";
const SIZE = 'hostCount: config.requireNumber("databaseHosts"),';
const ONE = "hostCount: 1,\n    singlePointOfFailure: true,";
const CLIENT = "web-0";

let db: DatabaseStack;
beforeAll(async () => {
    const text = readFileSync(join(checkout, EXAMPLE, "index.ts"), "utf8");
    expect(text).toContain(SIZE);
    db = await deployDatabase("test-one-database", EXAMPLE, { "index.ts": text.replace(SIZE, ONE) });
});
afterAll(async () => db?.remove());

const writes = () => succeeds(db.sql(CLIENT, "REPLACE INTO kept VALUES (1)"));
const keptRows = () => db.sql(CLIENT, "SELECT COUNT(*) FROM kept");

test("one database host alone serves, and a second up has nothing to do", async () => {
    await db.synced(["db-0"]);
    await db.sql(CLIENT, "CREATE TABLE kept (n INT PRIMARY KEY)");
    await db.sql(CLIENT, "INSERT INTO kept SELECT seq FROM seq_1_to_1000");
    succeeded(await db.stack.up("--expect-no-changes"));
});

test("MariaDB killed, and its host without power: it is back by itself, with all rows, and asks nobody", async () => {
    await db.on("db-0", "pkill --signal=KILL --exact mariadbd");
    await within(60, "it to be written to again", writes);
    await power(db, "db-0", "off");
    await power(db, "db-0", "on");
    await within(90, "it to be written to after a boot", writes);
    expect(await keptRows()).toBe("1000");
});

test("its backups are made by itself, and a dropped table is back from them", async () => {
    await db.on("db-0", "systemctl start evenkeel-backup@backups");
    expect((await backupsOf(db)).map(({ member }) => member)).toEqual(["db-0"]);
    await db.sql(CLIENT, "DROP TABLE kept");
    succeeded(await db.evenkeel("restore", "--confirm", "db"));
    await within(30, "it to be written to after a restore", writes);
    expect(await keptRows()).toBe("1000");
});

test("two more join under writes: no acknowledged row is lost, and any of the three may die", async () => {
    editFile(join(db.stack.folder, "index.ts"), ONE, "hostCount: 3,");
    const writer = await startWriter(db, CLIENT, "growing");
    succeeded(await db.stack.up());
    await db.synced(["db-0", "db-1", "db-2"]);
    await db.on("db-0", "pkill --signal=KILL --exact mariadbd");
    const before = await writer.count();
    await within(60, "rows to be acknowledged again", async () => (await writer.count()) > before + 50);
    const written = await writer.stop();
    console.log(`longest time without an acknowledged row: ${written.gapMs} ms`);
    expect(await lostRows(db, CLIENT, "growing", written)).toEqual([]);
    await db.synced(["db-0", "db-1", "db-2"]);
    succeeded(await db.stack.up("--expect-no-changes"));
});
