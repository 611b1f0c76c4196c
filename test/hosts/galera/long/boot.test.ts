import { expect, test } from "vitest";
import { succeeds, within } from "../../../../tools/waiting.ts";
import { BACKUP, backupsOf } from "../../../support/backups.ts";
import { MEMBERS } from "../../../support/replicated.ts";
import { sharedGalera } from "../../../support/shared.ts";
import { failedUnits, troubledBoot } from "../../../support/troubledBoot.ts";

const db = await sharedGalera();

/** The preferred writer's is the page that backups are sent to. */
const [MEMBER, CLIENT] = ["db-1", "web-0"];

test("a member and a client boot with a late address and with others on their ports: all that they do is back", async () => {
    await db.sql(CLIENT, "CREATE OR REPLACE TABLE booted (n INT PRIMARY KEY)");
    const ends = await Promise.all([
        troubledBoot(db.cloud, MEMBER, ["tcp/22", "tcp/3306", "tcp/4444", "tcp/4567", "tcp/9200"]),
        troubledBoot(db.cloud, CLIENT, ["tcp/22", "tcp/80", "tcp/3306", "tcp/3307"]),
    ]);
    await Promise.all(ends.map((end) => end()));
    await db.synced(MEMBERS, 120);
    const { readPort } = db.connection;
    await within(30, "the client to write", () => succeeds(db.sql(CLIENT, "REPLACE INTO booted VALUES (1)")));
    await expect.poll(() => db.sql(CLIENT, "SELECT n FROM booted", readPort)).toBe("1");
    expect(await db.on(CLIENT, `curl -fsS -m 3 http://${CLIENT}/`)).toContain("Shop");

    // To the folder of the client.
    const before = (await backupsOf(db)).length;
    await db.on(MEMBER, `${BACKUP} now`);
    expect((await backupsOf(db)).slice(before).map(({ member }) => member)).toEqual([MEMBER]);
    // As on a full disk.
    await db.on(MEMBER, "systemctl start evenkeel-galera-leave");
    expect(await db.on(MEMBER, "systemctl show -P Result evenkeel-galera-leave")).toBe("success");
    await db.synced(MEMBERS, 120);
    await db.on(MEMBER, "galera-member restart");
    await db.synced(MEMBERS);
    for (const host of [MEMBER, CLIENT]) expect(await failedUnits(db.cloud, host)).toBe("");
});
