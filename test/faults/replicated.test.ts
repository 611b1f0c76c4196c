import { afterAll, beforeAll, expect, test } from "vitest";
import { lostRows, startWriter } from "../support/databases.ts";
import { deployReplicated, MEMBERS, type ReplicatedStack } from "../support/replicated.ts";
import { measureFailure } from "./databaseFailure.ts";
import { cutOff } from "./hosts.ts";
import { replicatedFailures } from "./replicatedFailures.ts";

let db: ReplicatedStack;
beforeAll(async () => {
    db = await deployReplicated("test-replicated-failures");
});
afterAll(async () => db?.remove());

const gaps: string[] = [];
afterAll(() => console.log(gaps.join("\n")));

/** A bound that a busy machine keeps; the numbers are docs/failures.md's. */
const PATIENCE_MS = 15_000;
const NAMES = replicatedFailures({} as ReplicatedStack).map(({ name }) => name);

test.each(NAMES)("%s", async (name) => {
    const failure = replicatedFailures(db).find((each) => each.name === name)!;
    const { gapMs, rows, lost, errors } = await measureFailure(db, failure, name.replaceAll(/\W/g, "_"));
    gaps.push(`${name}: ${gapMs} ms, ${lost} of ${rows} rows lost, ${errors} errors`);
    expect(lost).toBe(0);
    expect(gapMs).toBeLessThan(PATIENCE_MS);
});

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
