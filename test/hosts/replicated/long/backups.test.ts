import { beforeAll, describe, expect, test } from "vitest";
import { succeeds, within } from "../../../../tools/waiting.ts";
import { cutOff, power } from "../../../faults/hosts.ts";
import { BACKUP } from "../../../support/backups.ts";
import { lostRows, startWriter } from "../../../support/databases.ts";
import { succeeded } from "../../../support/flagship.ts";
import { MEMBERS, rowsEverywhere } from "../../../support/replicated.ts";
import { sharedReplicated } from "../../../support/shared.ts";

const db = await sharedReplicated();

const evenkeel = (...args: string[]) => db.evenkeel(...args);
const everywhere = (table: string, rows: string) => rowsEverywhere(db, table, rows);

beforeAll(async () => {
    await db.sql("web-0", "CREATE OR REPLACE TABLE kept (n INT PRIMARY KEY)");
    await db.sql("web-0", "INSERT INTO kept VALUES (1), (2), (3), (4)");
    succeeded(await evenkeel("backup"));
});

describe("a member that was off during a restore", () => {
    test("is not elected by those who have the restored rows, though its log is longer", async () => {
        await db.sql("web-0", "CREATE TABLE former (n INT PRIMARY KEY)");
        await db.sql("web-0", "INSERT INTO former SELECT seq FROM seq_1_to_100");
        await everywhere("former", Array.from({ length: 100 }, (_, i) => i + 1).join(","));
        await power(db, "db-2", "off");
        const refused = await evenkeel("restore", "--confirm", "db");
        expect(refused.output).toContain("Nothing was stopped");
        succeeded(await evenkeel("restore", "--confirm", "db", "--without", "db-2"));
        await within(20, "clients to write", () => succeeds(db.sql("web-0", "REPLACE INTO kept VALUES (5)")));

        await cutOff(db, "db-0", "both");
        await power(db, "db-2", "on");
        const waits = /^waits for the primary to copy them anew: it has those of before a restore/;
        const told = async () => (await db.states("db-2").catch(() => undefined))?.["db-2"]?.problem ?? "";
        await expect.poll(told, { timeout: 60_000 }).toMatch(waits);
        // Longer than an election takes.
        const elected = async () => {
            const { "db-1": one, "db-2": other } = await db.states("db-2");
            return !!one?.leads || !!other?.leads;
        };
        await expect(within(8, "a primary", elected)).rejects.toThrow("waited 8 s");
        await cutOff(db, "db-0", undefined);
    });

    test("copies the restored rows; its own are told of, and not merged", async () => {
        await db.synced(MEMBERS, 120);
        await everywhere("kept", "1,2,3,4,5");
        const { errant } = (await db.states())["db-2"]!;
        const aside = errant.match(/before a restore are in (\S+), not merged$/)?.[1];
        await db.on("db-2", `test -f ${aside}/shop/former.ibd`);
        for (const member of MEMBERS) await db.on(member, "test ! -e /var/lib/mysql/shop/former.ibd");
        expect((await evenkeel("status")).output).toContain(errant);
    });
});

test("a restore that is killed midway is told of, and the members go on with the rows of before", async () => {
    const first = MEMBERS[0]!;
    const half = "test -e /var/lib/mysql/evenkeel-history && grep -qx -- -1 /var/lib/mysql/evenkeel-history";
    const killer = `until ${half}; do sleep 0.01; done; pkill -KILL -f '[d]atabase-backup restore'`;
    await db.on(first, `systemd-run -q --unit killer bash -c "${killer}"`);
    const { exitCode, output } = await evenkeel("restore", "--confirm", "db");
    expect(exitCode).toBe(1);
    expect(output).toContain("To go on with the rows of before, on each host");
    const status = await evenkeel("status");
    expect(status.exitCode).toBe(2);
    expect(
        status.output.match(/stopped for a restore: run that again, or `database-backup resume`/g),
    ).toHaveLength(3);

    // It has half of a restore: alone it would have nothing to go on with.
    await db.on(first, `${BACKUP} resume`);
    expect((await evenkeel("status")).output).toMatch(/db-0 .*waits for the primary .*has none/);
    for (const member of MEMBERS.slice(1)) await db.on(member, `${BACKUP} resume`);
    await db.synced(MEMBERS, 120);
    expect(await db.primary()).not.toBe(first);
    await everywhere("kept", "1,2,3,4,5");
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
    for (const member of MEMBERS)
        expect(await db.on(member, "ls -d /var/lib/mysql.before-*/shop")).toContain("shop");
    const primary = await db.primary();
    expect(await db.on(primary, "mariadb -NBe 'SELECT @@rpl_semi_sync_master_enabled'")).toBe("1");
    const writer = await startWriter(db, "web-1", "after");
    // What the restored primary acknowledged outlives it.
    await db.on(primary, "systemctl kill --signal=KILL mariadb");
    await db.synced(MEMBERS);
    expect(await db.primary()).not.toBe(primary);
    expect(await lostRows(db, "web-0", "after", await writer.stop())).toEqual([]);
});
