import { beforeAll, describe, expect, test } from "vitest";
import { checkout } from "../../../tools/paths.ts";
import { BACKUP, backupsOf } from "../../support/backups.ts";
import { MEMBERS } from "../../support/replicated.ts";
import { sharedGalera } from "../../support/shared.ts";

const db = await sharedGalera();
const evenkeel = (...args: string[]) => db.evenkeel(...args);
const backups = () => backupsOf(db);

beforeAll(async () => {
    await db.sql("web-0", "CREATE TABLE secrets (word VARCHAR(40))");
    await db.sql("web-0", "INSERT INTO secrets VALUES ('tell-nobody-of-this-word')");
});

test("all members look at the same moment: one that does not take the writes makes it, and no second one", async () => {
    const nightly = "systemctl start evenkeel-backup@backups";
    await Promise.all(MEMBERS.map((member) => db.on(member, nightly)));
    expect((await backups()).map(({ member }) => member)).toEqual(["db-2"]);
    await Promise.all(MEMBERS.map((member) => db.on(member, nightly)));
    expect(await backups()).toHaveLength(1);
});

test("what lies there is encrypted, and what opens it is root's alone on every member", async () => {
    expect(await db.on("web-0", "grep -rl tell-nobody /srv/backups | wc -l")).toBe("0");
    for (const member of MEMBERS) {
        const files = "/etc/evenkeel/backups/backups/repository.password /etc/evenkeel/backups/backups/key";
        expect(await db.on(member, `stat -c '%a %U' ${files}`)).toBe("600 root\n600 root");
    }
});

describe("status", () => {
    test("as users of the package type it, and in a checkout", async () => {
        const { folder } = db.stack;
        for (const { exitCode, output } of [
            await db.stack.execute("npx", "evenkeel", "db", "status"),
            await db.stack.execute("npm", "--prefix", checkout, "run", "db", "--", "status", "--cwd", folder),
        ]) {
            expect(exitCode, output).toBe(0);
            expect(output).toMatch(/db-0 +writer +running +yes +synced/);
        }
    });

    test("tells the members and the last good backup, and ends with 2 when one is not well", async () => {
        const fine = await evenkeel("status");
        expect(fine.exitCode).toBe(0);
        expect(fine.output).toMatch(/db-0 +writer +running +yes +synced/);
        expect(fine.output).toContain(`the last good one is ${(await backups()).at(-1)!.name}`);
        await db.on("db-2", `${BACKUP} stop --confirm db`);
        const ill = await evenkeel("status");
        await db.on("db-2", `${BACKUP} resume`);
        expect(ill.exitCode).toBe(2);
        expect(ill.output).toMatch(/db-2 .*MariaDB is stopped/);
        await db.synced(MEMBERS);
    });
});
