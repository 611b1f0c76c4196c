import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PYTHON } from "../../support/python.ts";

let folder: string;
beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "evenkeel-gate-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const LIMITS = { errors: 1, latency: 0.5, seconds: 30, requests: 20 };

interface Judged {
    problem: string | null;
    /** Seconds. */
    after: number;
    report: string | { requests: string; latency: string; limits: string };
}

/** What is said of a log; the host is switched at the second 1000. */
async function judged(
    lines: string[],
    limits: Partial<typeof LIMITS> | { latency: null } = {},
): Promise<Judged> {
    const log = join(folder, "gate.log");
    writeFileSync(log, `${lines.join("\n")}\n`);
    const words = ["-B", "test/support/gate_replay.py", log, JSON.stringify({ ...LIMITS, ...limits })];
    return JSON.parse((await execa(PYTHON, words)).stdout);
}

/** Requests at so many a second, for half a minute; each is told which one it is. */
const traffic = (perSecond: number, answer: (i: number) => [status: number, took: number], seconds = 30) =>
    Array.from({ length: perSecond * seconds }, (_, i) => {
        const [status, took] = answer(i);
        return line(1000 + i / perSecond, status, took);
    });
const line = (began: number, status: number, took: number, php: string | number = status) =>
    `${(began + took).toFixed(3)} ${status} ${took.toFixed(3)} ${php}`;

describe("a gate", () => {
    test("passes at the end of its time when all is well, and says what it has seen", async () => {
        const good = await judged(traffic(50, (i) => [i % 200 === 7 ? 500 : 200, 0.02]));
        expect(good).toEqual({
            problem: null,
            after: 30,
            report: "the gate of group a has passed: 1500 requests, 0.5 % failed, 95 of 100 within 20 ms",
        });
    });

    test("trips at once when every request fails, before there are enough to judge by", async () => {
        const { problem, after, report } = await judged(traffic(50, () => [500, 0.01]));
        expect([problem, after]).toEqual(["3 requests in a row have failed", 0.1]);
        expect(report).toMatchObject({ requests: "3 (3 with 500), 100.0 % failed in 0.1 s" });
        // So does one request a second.
        expect((await judged(traffic(1, () => [502, 0.01]))).after).toBe(2);
    });

    test("trips as soon as its limit cannot be kept any more with as many requests as so far", async () => {
        // A third of them: 1 % of the 1500 that will have come in half a minute are 15.
        const { problem, after } = await judged(traffic(50, (i) => [i % 3 === 0 ? 500 : 200, 0.01]));
        expect(problem).toBe("15 of 43 requests have failed");
        expect(after).toBeLessThan(1.1);
    });

    test("does not trip early for what may be well in the end", async () => {
        // Ten failures in the first second, and none later.
        const { problem, after } = await judged(
            traffic(50, (i) => [i < 20 && i % 2 === 0 ? 500 : 200, 0.01]),
        );
        expect([problem, after]).toEqual([null, 30]);
    });

    test("judges no sooner than there are enough requests", async () => {
        const few = await judged(traffic(1, (i) => [i % 4 === 0 ? 500 : 200, 0.01], 10));
        expect(few).toEqual({
            problem: null,
            after: 30,
            report: "warning: the gate of group a has seen too few requests to judge by (10 (3 with 500, 7 with 200), 30.0 % failed; 20 are enough)",
        });
        const none = await judged([]);
        expect(none.report).toContain(
            "warning: the gate of group a has seen too few requests to judge by (none;",
        );
        expect((await judged(traffic(1, (i) => [i % 4 === 0 ? 500 : 200, 0.01]))).problem).toBe(
            "5 of 20 requests have failed",
        );
    });

    test("counts neither what began before the switch, nor what visitors did wrong or left", async () => {
        const before = Array.from({ length: 20 }, (_, i) => line(999.9 + i / 1000, 500, 0.5));
        const visitors = traffic(20, (i) => [[200, 404, 403, 499, 302][i % 5]!, 0.02]);
        expect((await judged([...before, ...visitors])).problem).toBeNull();
    });

    test("counts what was given up after waiting", async () => {
        const { problem } = await judged(
            traffic(20, (i) => [i % 3 === 0 ? 499 : 200, i % 3 === 0 ? 0.6 : 0.1]),
        );
        expect(problem).toMatch(/^\d+ of \d+ requests have failed$/);
        expect(
            (
                await judged(
                    traffic(20, () => [499, 0.6]),
                    { latency: null },
                )
            ).problem,
        ).toBeNull();
        expect(
            (
                await judged(
                    traffic(20, () => [499, 6]),
                    { latency: null },
                )
            ).problem,
        ).toContain("in a row");
    });

    test("trips by latency: of 100 requests more than five take longer", async () => {
        const slow = (share: number) => traffic(50, (i) => [200, i % 100 < share ? 0.7 : 0.1]);
        expect((await judged(slow(5))).problem).toBeNull();
        const { problem, report } = await judged(slow(7));
        expect(problem).toMatch(/^\d+ of \d+ requests have taken longer than 500 ms$/);
        expect(report).toMatchObject({
            latency: "95 of 100 within 700 ms",
            limits: "1 % may fail, and 95 of 100 are to take 500 ms at most",
        });
        const all = await judged(traffic(50, () => [200, 0.6]));
        expect(all.after).toBeLessThan(6);
        expect(
            (
                await judged(
                    traffic(50, () => [200, 0.6]),
                    { latency: null },
                )
            ).problem,
        ).toBeNull();
    });

    test("forgives the first seconds, in which pages are compiled", async () => {
        const cold = traffic(2, (i) => [200, i < 6 ? 2 : 0.1]);
        expect((await judged(cold)).problem).toBeNull();
    });

    test("takes no failure where none may be", async () => {
        expect(
            (
                await judged(
                    traffic(50, () => [200, 0.1]),
                    { errors: 0 },
                )
            ).problem,
        ).toBeNull();
        const one = await judged(
            traffic(50, (i) => [i === 700 ? 500 : 200, 0.1]),
            { errors: 0 },
        );
        expect(one.problem).toBe("1 of 701 requests have failed");
    });

    test("reads on over a line that is none", async () => {
        const lines = traffic(50, () => [500, 0.01]);
        expect((await judged(["1000.1 20", "", ...lines])).problem).toContain("in a row");
    });
});
