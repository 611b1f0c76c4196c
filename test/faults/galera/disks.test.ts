import { afterAll, expect, onTestFinished, test } from "vitest";
import { within } from "../../../tools/waiting.ts";
import { lostRows, startWriter } from "../../support/databases.ts";
import { MEMBERS } from "../../support/replicated.ts";
import { sharedGalera } from "../../support/shared.ts";
import { boundMs } from "../databaseFailure.ts";
import { diskFailures, FILLER, fillDisk, onRootDisks } from "../diskFailures.ts";

const db = await sharedGalera();
afterAll(() => onRootDisks(db, "galera"));

test.each(diskFailures("galera"))(
    "$name, $how: it leaves, the others serve, and with room again it is back",
    async (failure) => {
        const { name, how, host, table } = failure;
        onTestFinished(async () => void (await failure.heal(db)));
        await failure.prepare(db);
        const writer = await startWriter(db, "web-0", table);
        await failure.make(db);
        const others = MEMBERS.filter((each) => each !== host);
        await db.synced(others);
        const before = await writer.count();
        await within(30, "rows to be acknowledged", async () => (await writer.count()) > before + 50);
        const told = "the disk is full: it joins when 200 MB are free for its data";
        const seen = async (asked: string) => (await db.members(asked))[host];
        for (const asked of MEMBERS) {
            await expect.poll(() => seen(asked)).toMatchObject({ process: "stopped", alert: told });
        }
        for (const other of others) expect((await db.members())[other]!.alert).toBe("");
        expect(await db.on(host, "journalctl -q -o cat -u evenkeel-galera")).toContain(told);
        expect(await db.on(host, "systemctl is-active mariadb || true")).toMatch(/^(inactive|failed)$/);

        await failure.heal(db);
        await db.synced(MEMBERS, 120);
        await expect.poll(() => seen(host)).toMatchObject({ alert: "" });
        const written = await writer.stop();
        expect(await lostRows(db, "web-0", table, written)).toEqual([]);
        expect(written.gapMs).toBeLessThan(boundMs(failure));
        // It has every row that the others took while it was away.
        const rows = await db.on(host, `mariadb -N -e 'SELECT COUNT(*) FROM shop.${table}'`);
        expect(Number(rows)).toBeGreaterThanOrEqual(written.acknowledged.length);
        console.log(`${name}, ${how}: ${written.gapMs} ms, ${written.errors.length} errors`);
    },
);

test("a member with little room is not restarted: it could not come back", async () => {
    const host = "db-2";
    await fillDisk(db, host, 150);
    await expect(db.on(host, "galera-member restart")).rejects.toThrow(
        /1\d\d MB are free for its data, and it joins again with 200: make room first/,
    );
    expect((await db.members())[host]).toMatchObject({ process: "running", primary: true });
    await db.on(host, `rm ${FILLER} && galera-member restart`);
    await db.synced(MEMBERS);
});
