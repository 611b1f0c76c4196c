import { expect, test } from "vitest";
import { BACKUP, backupsOf } from "../../../support/backups.ts";
import { succeeded } from "../../../support/flagship.ts";
import { MEMBERS } from "../../../support/replicated.ts";
import { sharedGalera } from "../../../support/shared.ts";

const db = await sharedGalera();
const status = () => db.stack.execute("npx", "evenkeel", "status");

test("tells who takes the writes, how each member is, the last good backup and the clients' way", async () => {
    succeeded(await db.evenkeel("backup"));
    const last = (await backupsOf(db)).at(-1)!;
    const { exitCode, output } = await status();
    expect(output).toMatch(/^db-\w+ +writes +db-0 takes them +db-0, db-1, db-2$/m);
    expect(output).toMatch(/^db-\w+ +member +synced +db-0, db-1, db-2$/m);
    expect(output).toMatch(
        new RegExp(`^backups-\\w+ +last good backup +${last.name} of ${last.member} +db-0, db-1, db-2$`, "m"),
    );
    expect(output).toMatch(/^shop-\w+ +way to the writer +open +web-0, web-1$/m);
    expect(output).toMatch(/^db-0 +well +.* 36\d\d days$/m);
    expect(exitCode, output).toBe(0);
});

test("a member that is stopped, and who takes the writes instead", async () => {
    await db.on("db-0", `${BACKUP} stop --confirm db`);
    try {
        const { exitCode, output } = await status();
        expect(output).toMatch(/db-0: member of db-\w+: MariaDB is stopped/);
        expect(output).toMatch(/^db-\w+ +writes +db-1 takes them +db-0, db-1, db-2$/m);
        expect(exitCode).toBe(2);
    } finally {
        await db.on("db-0", `${BACKUP} resume`);
        await db.synced(MEMBERS);
    }
});
