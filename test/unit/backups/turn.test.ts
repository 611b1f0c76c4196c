import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { PYTHON } from "../../support/python.ts";

/** Evaluates an expression with the names of backup_turn in scope. */
async function evaluate(expression: string, given: unknown): Promise<unknown> {
    const program = `
import json, sys
from datetime import UTC, datetime, timedelta
sys.path[:0] = ["src/backups/onhost", "src/hosts/onhost"]
from backup_storage import Backup
from backup_turn import Health, begun_for, is_due, is_missed, line, made_for, superfluous
given = json.load(sys.stdin)
print(json.dumps(${expression}))`;
    const { stdout } = await execa(PYTHON, ["-B", "-c", program], { input: JSON.stringify(given) });
    return JSON.parse(stdout);
}

const ORDER = ["db-0", "db-1", "db-2"];
const fine = [true, true];
const replica = [false, true];
const away = [false, false];

const health = "dict(zip(given['order'], (Health(*each) for each in given['health'])))";

describe("whose turn it is", () => {
    const turn = (...members: boolean[][]) =>
        evaluate(`line(given["order"], ${health})`, { order: ORDER, health: members });

    test("the last in order comes first, and the one that takes writes last", async () => {
        expect(await turn(fine, fine, fine)).toEqual(["db-2", "db-1", "db-0"]);
    });
    test("the writer is told by the answers: after a failover it is another one", async () => {
        expect(await turn(away, fine, fine)).toEqual(["db-2", "db-1"]);
        expect(await turn(replica, replica, fine)).toEqual(["db-1", "db-0", "db-2"]);
    });
    test("a member that cannot be read from makes none", async () => {
        expect(await turn(fine, fine, away)).toEqual(["db-1", "db-0"]);
        expect(await turn(fine, away, away)).toEqual(["db-0"]);
        expect(await turn(away, away, away)).toEqual([]);
    });
});

describe("who begins", () => {
    const due = (minutes: number, ...members: boolean[][]) =>
        evaluate(
            `[name for name in given["order"] if is_due(name, given["order"], ${health}, timedelta(minutes=given["minutes"]))]`,
            { order: ORDER, health: members, minutes },
        );

    test("at first one member alone, whoever is down", async () => {
        expect(await due(0, fine, fine, fine)).toEqual(["db-2"]);
        expect(await due(0, fine, fine, away)).toEqual(["db-1"]);
        expect(await due(0, fine, away, away)).toEqual(["db-0"]);
        expect(await due(600, away, away, away)).toEqual([]);
    });
    test("the next one when the first has done nothing for a quarter of an hour", async () => {
        expect(await due(14, fine, fine, fine)).toEqual(["db-2"]);
        expect(await due(15, fine, fine, fine)).toEqual(["db-1", "db-2"]);
        expect(await due(30, fine, fine, fine)).toEqual(ORDER);
    });
});

describe("a night without a backup is told", () => {
    const missed = (newest: string, due: string, since: string) =>
        evaluate('is_missed(given["newest"], given["due"], given["since"])', { newest, due, since });
    const [before, due, after] = ["20261120T020000Z", "20261121T020000Z", "20261121T021000Z"];

    test("when the newest is older than that", async () => {
        expect(await missed(before!, due!, before!)).toBe(true);
        expect(await missed("", due!, before!)).toBe(true);
        expect(await missed(after!, due!, before!)).toBe(false);
    });
    test("but not of those before the backups were set up", async () => {
        expect(await missed("", due!, after!)).toBe(false);
    });
});

describe("what is kept", () => {
    const snapshots =
        "[Backup(name, datetime(2026, 11, day, tzinfo=UTC), 'db-1', tuple(tags)) for name, day, tags in given['snapshots']]";
    const whole = (name: string, day: number, slot = "by-hand") => [name, day, ["whole", `slot=${slot}`]];
    const cut = (name: string, day: number, slot = "by-hand") => [name, day, ["unverified", `slot=${slot}`]];
    const goes = (keep: number, ...given: unknown[]) =>
        evaluate(`[each.id for each in superfluous(${snapshots}, given["keep"])]`, {
            snapshots: given,
            keep,
        });

    test("the newest ones; the others go", async () => {
        expect(await goes(2, whole("a", 1), whole("b", 2), whole("c", 3))).toEqual(["a"]);
        expect(await goes(3, whole("a", 1), whole("b", 2), whole("c", 3))).toEqual([]);
        expect(await goes(5, whole("a", 1))).toEqual([]);
    });
    test("one that is not whole makes no older one go", async () => {
        expect(await goes(2, whole("a", 1), whole("b", 2), cut("c", 3))).toEqual([]);
    });
    test("what another member has streamed and not yet read back is its own work, for that night alone", async () => {
        const begun = (me: string, ...given: unknown[]) =>
            evaluate(`[each.id for each in begun_for("n2", given["me"], ${snapshots})]`, {
                snapshots: given,
                me,
            });
        const given = [whole("a", 1, "n2"), cut("b", 2, "n1"), cut("c", 3, "n2")];
        expect(await begun("db-2", ...given)).toEqual(["c"]);
        expect(await begun("db-1", ...given)).toEqual([]);
    });
    test("a night has its backup when that is whole", async () => {
        const made = (...given: unknown[]) =>
            evaluate(`getattr(made_for("n2", ${snapshots}), "id", None)`, { snapshots: given });
        expect(await made(whole("a", 1, "n1"), cut("b", 2, "n2"))).toBeNull();
        expect(await made(whole("a", 1, "n1"), whole("b", 2, "n2"))).toBe("b");
    });
});
