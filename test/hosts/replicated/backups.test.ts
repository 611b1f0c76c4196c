import { expect, test } from "vitest";
import { BACKUP, backupsOf } from "../../support/backups.ts";
import { lostRows, startWriter } from "../../support/databases.ts";
import { succeeded } from "../../support/flagship.ts";
import { MEMBERS } from "../../support/replicated.ts";
import { sharedReplicated } from "../../support/shared.ts";

const db = await sharedReplicated();

const evenkeel = (...args: string[]) => db.evenkeel(...args);
const backups = () => backupsOf(db);
const rowsOf = (table: string) => `mariadb -NBe 'SELECT GROUP_CONCAT(n ORDER BY n) FROM shop.${table}'`;

/** Every member has the same rows of a table, and these. */
async function everywhere(table: string, rows: string): Promise<void> {
    for (const member of MEMBERS) {
        await expect.poll(() => db.on(member, rowsOf(table)), { timeout: 10_000 }).toBe(rows);
    }
}

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

test("a table is dropped, and back on every member; writes go on, and wait for a replica", async () => {
    await db.sql("web-0", "CREATE OR REPLACE TABLE kept (n INT PRIMARY KEY)");
    await db.sql("web-0", "INSERT INTO kept VALUES (1), (2)");
    succeeded(await evenkeel("backup"));
    await db.sql("web-0", "DROP TABLE kept");
    // What the primary shipped since must not drop it again.
    await db.on(await db.primary(), `${BACKUP} ship`);
    expect((await evenkeel("restore")).output).toContain("--confirm db");

    succeeded(await evenkeel("restore", "--confirm", "db"));
    await db.synced(MEMBERS);
    await everywhere("kept", "1,2");
    for (const member of MEMBERS) await db.on(member, "test -d /var/lib/mysql.before-*/shop");
    const primary = await db.primary();
    expect(await db.on(primary, "mariadb -NBe 'SELECT @@rpl_semi_sync_master_enabled'")).toBe("1");
    const writer = await startWriter(db, "web-1", "after");
    // What the restored primary acknowledged outlives it.
    await db.on(primary, "systemctl kill --signal=KILL mariadb");
    await db.synced(MEMBERS);
    expect(await db.primary()).not.toBe(primary);
    expect(await lostRows(db, "web-0", "after", await writer.stop())).toEqual([]);
});

test("a point in time: rows of after the backup and before a mistake are back, the mistake is not", async () => {
    await db.sql("web-0", "INSERT INTO kept VALUES (3)");
    await db.on(await db.primary(), `${BACKUP} ship`);
    await db.sql("web-0", "INSERT INTO kept VALUES (4)");
    const beforeTheMistake = await between();
    await db.sql("web-0", "DELETE FROM kept");
    await everywhere("kept", "NULL");
    succeeded(await evenkeel("restore", "--until", beforeTheMistake, "--confirm", "db"));
    await db.synced(MEMBERS);
    await everywhere("kept", "1,2,3,4");
});
