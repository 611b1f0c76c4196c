import { expect, test } from "vitest";
import { BACKUP, backupsOf } from "../../support/backups.ts";
import { succeeded } from "../../support/flagship.ts";
import { MEMBERS, rowsEverywhere } from "../../support/replicated.ts";
import { sharedReplicated } from "../../support/shared.ts";

const db = await sharedReplicated();

const evenkeel = (...args: string[]) => db.evenkeel(...args);
const backups = () => backupsOf(db);
const everywhere = (table: string, rows: string) => rowsEverywhere(db, table, rows);

/** A time between two events, of which binary logs tell no more than the second. */
async function between(): Promise<string> {
    await db.on("db-0", "sleep 1.1");
    const now = await db.on("db-0", "date -u +%Y-%m-%dT%H:%M:%SZ");
    await db.on("db-0", "sleep 1.1");
    return now;
}

test("a night: all members look at the same moment, a replica makes the backup, and no second one", async () => {
    const primary = await db.primary();
    const nightly = () =>
        Promise.all(MEMBERS.map((member) => db.on(member, "systemctl start evenkeel-backup@backups")));
    await nightly();
    const [made, ...more] = await backups();
    expect(MEMBERS).toContain(made!.member);
    expect(made!.member).not.toBe(primary);
    expect(more).toEqual([]);
    await nightly();
    expect(await backups()).toHaveLength(1);
});

test("a point in time: rows of after the backup and before a mistake are back, the mistake is not", async () => {
    await db.sql("web-0", "CREATE OR REPLACE TABLE kept (n INT PRIMARY KEY)");
    await db.sql("web-0", "INSERT INTO kept VALUES (1), (2)");
    succeeded(await evenkeel("backup"));
    await db.sql("web-0", "INSERT INTO kept VALUES (3)");
    await db.on(await db.primary(), `${BACKUP} ship`);
    await db.sql("web-0", "INSERT INTO kept VALUES (4)");
    const beforeTheMistake = await between();
    await db.sql("web-0", "DELETE FROM kept");
    await everywhere("kept", "NULL");
    expect((await evenkeel("restore")).output).toContain("--confirm db");
    succeeded(await evenkeel("restore", "--until", beforeTheMistake, "--confirm", "db"));
    await db.synced(MEMBERS);
    await everywhere("kept", "1,2,3,4");
});
