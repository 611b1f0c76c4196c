import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { lostRows, startWriter } from "../../support/databases.ts";
import { MEMBERS } from "../../support/replicated.ts";
import { sharedReplicated } from "../../support/shared.ts";
import { boundMs } from "../databaseFailure.ts";
import { diskFailures, onRootDisks } from "../diskFailures.ts";
import { cutOff, power } from "../hosts.ts";
import { replicatedFailures } from "../replicatedFailures.ts";
import { testFailures } from "../writerFailures.ts";

const db = await sharedReplicated();
afterAll(() => onRootDisks(db, "replicated"));

testFailures(
    db,
    replicatedFailures(db).filter(({ sampled }) => !sampled),
);

test.each(diskFailures("replicated"))(
    "$name, $how: it leaves, the others serve, and with room again it is back",
    async (failure) => {
        const { name, how, host, table } = failure;
        onTestFinished(async () => void (await failure.heal(db)));
        await failure.prepare(db);
        await db.synced(MEMBERS);
        const writer = await startWriter(db, "web-0", table);
        await failure.make(db);
        const [asked] = MEMBERS.filter((each) => each !== host);
        const seen = async () => (await db.states(asked))[host];
        const told = "the disk is full: it joins when 200 MB are free for its data";
        await expect.poll(seen).toMatchObject({ process: "stopped", problem: told });
        const before = await writer.count();
        await expect.poll(() => writer.count(), { timeout: 30_000 }).toBeGreaterThan(before + 50);
        expect(await db.primary()).not.toBe(host);

        await failure.heal(db);
        await db.synced(MEMBERS, 120);
        await expect.poll(seen).toMatchObject({ problem: "" });
        const written = await writer.stop();
        expect(await lostRows(db, "web-0", table, written)).toEqual([]);
        expect(written.gapMs).toBeLessThan(boundMs(failure));
        console.log(`${name}, ${how}: ${written.gapMs} ms, ${written.errors.length} errors`);
    },
);

test("the network parts, and clients write on both sides: one side takes them, and what the other was told is not there", async () => {
    await db.synced(MEMBERS);
    const writer = await startWriter(db, "web-0", "parted");
    const former = await db.primary();
    // Its own root, on its own host: nobody is nearer to it.
    const direct = `for n in $(seq 900000 900020); do timeout 2 mariadb -e "INSERT INTO shop.parted VALUES ($n)" && echo "$n $(date +%s.%N)"; sleep 0.05; done`;
    const inside = db.on(former, `${direct} 2>/dev/null || true`);
    await cutOff(db, former, "both");
    const cut = Date.now() / 1000;
    const before = await writer.count();
    await expect.poll(() => writer.count(), { timeout: 15_000 }).toBeGreaterThan(before + 100);
    const told = (await inside).split("\n").filter(Boolean);
    await cutOff(db, former, undefined);
    await db.synced(MEMBERS);
    const written = await writer.stop();
    const others = written.times.find((time) => time > cut + 0.5)!;
    const late = told.filter((line) => Number(line.split(" ")[1]) > others);
    expect(late).toEqual([]);
    expect(await db.primary()).not.toBe(former);
    expect(await lostRows(db, "web-0", "parted", written)).toEqual([]);
    // What the parted primary was asked to write, and acknowledged to nobody, is on no member.
    const acknowledged = told.map((line) => Number(line.split(" ")[0]));
    for (const member of MEMBERS) {
        const rows = await db.on(member, "mariadb -N -e 'SELECT n FROM shop.parted WHERE n >= 900000'");
        expect(rows.split("\n").filter(Boolean).map(Number), member).toEqual(acknowledged);
    }
});

test("with one replica away, the primary is cut off from the other one for 10 s: it is the primary still, and goes on", async () => {
    await db.synced(MEMBERS);
    const former = await db.primary();
    const away = MEMBERS.find((member) => member !== former)!;
    await power(db, away, "off");
    const two = MEMBERS.filter((member) => member !== away);
    await db.synced(two);
    const writer = await startWriter(db, "web-0", "two");
    await cutOff(db, former, "both");
    await sleep(10_000);
    await cutOff(db, former, undefined);
    const before = await writer.count();
    // MariaDB that hung would be killed after 10 s, and the primary again after 10 more.
    await expect.poll(() => writer.count(), { timeout: 9_000 }).toBeGreaterThan(before + 50);
    expect(await db.primary()).toBe(former);
    expect(await lostRows(db, "web-0", "two", await writer.stop())).toEqual([]);
    await power(db, away, "on");
    await db.synced(MEMBERS, 120);
});
