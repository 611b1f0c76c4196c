import { afterAll, beforeAll, expect, test } from "vitest";
import { within } from "../../tools/waiting.ts";
import { type DatabaseStack, deployDatabase, lostRows, startWriter } from "../support/databases.ts";
import { FILLER, fillDisk, onSmallDisk } from "./smallDisk.ts";

const MEMBERS = ["db-0", "db-1", "db-2"];

let db: DatabaseStack;
beforeAll(async () => {
    db = await deployDatabase("test-galera-disk", "examples/galera-cluster");
});
afterAll(async () => db?.remove());

test.each([
    ["another member", "db-2"],
    ["the writer", "db-0"],
])(
    "the disk of %s is full: it leaves, the others serve, and with room again it is back",
    async (who, host) => {
        await onSmallDisk(db, host, "galera");
        await db.synced(MEMBERS);
        const table = who.replace(" ", "_");
        const writer = await startWriter(db, "web-0", table);
        await fillDisk(db, host);

        await within(
            60,
            `${host} to leave`,
            async () => (await db.members("db-1"))[host]?.process === "stopped",
        );
        const others = MEMBERS.filter((each) => each !== host);
        await db.synced(others);
        const before = await writer.count();
        await within(30, "rows to be acknowledged", async () => (await writer.count()) > before + 50);
        const told = "the disk is full: it joins when 200 MB are free for its data";
        for (const asked of MEMBERS) expect((await db.members(asked))[host]!.alert).toBe(told);
        for (const other of others) expect((await db.members())[other]!.alert).toBe("");
        expect(await db.on(host, "journalctl -q -o cat -u evenkeel-galera")).toContain(told);
        expect(await db.on(host, "systemctl is-active mariadb || true")).toBe("inactive");

        await db.on(host, `rm ${FILLER}`);
        await db.synced(MEMBERS, 120);
        expect((await db.members(host))[host]!.alert).toBe("");
        const written = await writer.stop();
        expect(await lostRows(db, "web-0", table, written)).toEqual([]);
        expect(written.gapMs).toBeLessThan(15_000);
        // It has every row that the others took while it was away.
        const rows = await db.on(host, `mariadb -N -e 'SELECT COUNT(*) FROM shop.${table}'`);
        expect(Number(rows)).toBeGreaterThanOrEqual(written.acknowledged.length);
        console.log(
            `${who}: ${written.gapMs} ms, ${written.errors.length} errors, ${written.acknowledged.length} rows`,
        );
    },
);

test("a member with little room is not restarted: it could not come back", async () => {
    const host = "db-2";
    const free = "$(( $(df --output=avail -B 1M /var/lib/mysql | tail -n 1) - 150 ))";
    await db.on(host, `fallocate -l ${free}M ${FILLER}`);
    await expect(db.on(host, "/usr/local/lib/evenkeel/galera-member restart")).rejects.toThrow(
        /1\d\d MB are free for its data, and it joins again with 200: make room first/,
    );
    expect((await db.members())[host]).toMatchObject({ process: "running", primary: true });
    await db.on(host, `rm ${FILLER} && /usr/local/lib/evenkeel/galera-member restart`);
    await db.synced(MEMBERS);
});
