import { expect, test } from "vitest";
import { succeeds, within } from "../../../../tools/waiting.ts";
import { BACKUP, backupsOf } from "../../../support/backups.ts";
import { succeeded } from "../../../support/flagship.ts";
import { membersOf } from "../../../support/names.ts";
import { MEMBERS } from "../../../support/replicated.ts";
import { sharedReplicated } from "../../../support/shared.ts";
import { failedUnits, troubledBoot } from "../../../support/troubledBoot.ts";

const db = await sharedReplicated();

const CLIENT = "web-1";

test("the primary and a client with names boot with a late address and with others on their ports: all that they do is back", async () => {
    const member = await db.primary();
    await db.sql(CLIENT, "CREATE OR REPLACE TABLE booted (n INT PRIMARY KEY)");
    const ends = await Promise.all([
        troubledBoot(db.cloud, member, ["tcp/22", "tcp/3306", "tcp/9200"]),
        troubledBoot(db.cloud, CLIENT, ["tcp/22", "tcp/53", "udp/53", "tcp/80", "tcp/3306", "tcp/3307"]),
    ]);
    await Promise.all(ends.map((end) => end()));
    await db.synced(MEMBERS, 120);
    const primary = await db.primary();
    const { readPort } = db.connection;
    await within(30, "the client to write", () => succeeds(db.sql(CLIENT, "REPLACE INTO booted VALUES (1)")));
    await expect.poll(() => db.sql(CLIENT, "SELECT n FROM booted", readPort)).toBe("1");
    await expect.poll(() => membersOf(db, CLIENT, "db-rw"), { timeout: 30_000 }).toEqual([primary]);
    expect(await db.on(CLIENT, `curl -fsS -m 3 http://${CLIENT}/`)).toContain("Shop");

    // It leads, ships what was written, makes a backup, and starts anew.
    if (primary !== member) succeeded(await db.evenkeel("switchover", member));
    await db.synced(MEMBERS);
    expect(await db.primary()).toBe(member);
    await db.on(member, `${BACKUP} ship`);
    const before = (await backupsOf(db)).length;
    await db.on(member, `${BACKUP} now`);
    expect((await backupsOf(db)).slice(before).map((made) => made.member)).toEqual([member]);
    await db.on(member, "replicated-member restart");
    await db.synced(MEMBERS);
    for (const host of [member, CLIENT]) expect(await failedUnits(db.cloud, host)).toBe("");
});
