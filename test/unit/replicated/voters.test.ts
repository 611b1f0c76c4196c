import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { PYTHON } from "../../support/python.ts";

type State = Record<string, unknown>;

/** What an expression says of `given`, where `members(given)` are made of what each says. */
async function python(expression: string, given: unknown): Promise<unknown> {
    const program = `
import json, sys
sys.path[:0] = ["src/replicated/onhost", "src/member/onhost"]
from dataclasses import replace
from replicated_decision import decide
from replicated_member import parse
from replicated_settle import is_settled
from replicated_membership import holds, in_force, left_out, makes_full, next_voters, obstacle
from replicated_voters import Voters
members = lambda given: [parse({"name": name, "process": "running", **said}) for name, said in given.items()]
def changes(primary, others, order):
    me, made = primary, []
    while len(made) < 9:
        names, reason = next_voters(me, others, order)
        if names is None:
            return made + ([reason] if reason else [])
        made.append(" ".join(names))
        me = replace(me, voters=me.voters.changed(names))
given = json.load(sys.stdin)
print(json.dumps(${expression}))`;
    const { stdout } = await execa(PYTHON, ["-B", "-c", program], { input: JSON.stringify(given) });
    return JSON.parse(stdout);
}

const set = (names: string, before = names, epoch = 3, version = 0) => ({
    names: names.split(" "),
    before: before.split(" "),
    epoch,
    version,
});
const primary = (voters: string, more: State = {}): State => ({
    ...{ leads: 3, promised: 3, formed: true, warm: true, semisync: true, settled: true, position: [1, 50] },
    voters: set(voters),
    ...more,
});
/** A replica of b that has everything. */
const ready: State = {
    ...{ promised: 3, follows: "b", follows_epoch: 3, formed: true, warm: true, io: "Yes", sql: "Yes" },
    position: [1, 50],
};

/** The sets that the primary b goes through, each by name, and what it waits for in the end. */
function changes(voters: string, order: string, others: Record<string, State>, more: State = {}) {
    const given = { b: primary(voters, more), ...others };
    return python("changes(members(given[0])[0], members(given[0])[1:], given[1].split())", [given, order]);
}

describe("who votes, one change after the other", () => {
    const [a, c, d, e] = [ready, ready, ready, ready];

    test("stays as it is in whatever order the members are listed, and however many there are", async () => {
        for (const order of ["a b c", "c b a", "d c b a e"])
            expect(await changes("a b c", order, { a, c, d, e }), order).toEqual([]);
    });
    test("one that is new comes before one that is a member no more goes", async () => {
        expect(await changes("a b c", "b c d", { a, c, d })).toEqual(["a b c d", "b c d"]);
        expect(await changes("a b c", "e d b", { a, c, d, e })).toEqual([
            "a b c d",
            "b c d",
            "b c d e",
            "b d e",
        ]);
    });
    test("while the new one has not all rows, the former one votes on", async () => {
        const waits = ["waits for d to have all rows"];
        for (const state of [
            { warm: false },
            { formed: false },
            { io: "Connecting" },
            { full: true },
            { held: true },
        ])
            expect(await changes("a b c", "b c d", { a, c, d: { ...d, ...state } })).toEqual(waits);
        expect(await changes("a b c", "b c d", { a, c })).toEqual(waits);
    });
    test("a host that is gone for good is not waited for, and nothing waits for it", async () => {
        expect(await changes("a b c", "b c d", { c })).toEqual(["b c", "waits for d to have all rows"]);
        expect(await changes("a b c", "b c d", { c, d })).toEqual(["b c", "b c d"]);
        // A member that is away comes back.
        expect(await changes("a b c", "a b c d", { c, d })).toEqual([]);
    });
    test("who wants to go goes, to the last but one", async () => {
        const leaving = { ...ready, leaving: true };
        expect(await changes("a b c", "a b c", { a: leaving, c })).toEqual(["b c"]);
        expect(await changes("a b c", "a b c", { a: leaving, c: leaving })).toEqual(["b c", "b"]);
        expect(await changes("a b c", "a b c d", { a: leaving, c, d })).toEqual(["a b c d", "b c d"]);
    });
    test("the primary itself stays until another one leads, though the others have it on their lists no more", async () => {
        const members = ["a", "c", "d"];
        const others = { a: { ...a, members }, c: { ...c, members }, d };
        expect(await changes("a b c", "a b c", others)).toEqual(["a b c d"]);
    });
    test("while an `up` is under way, or has ended early, only who wants to go goes", async () => {
        const members = ["a", "b", "c"];
        const differs = ["c has another list of members"];
        expect(await changes("a b c", "b c d", { a, c: { ...c, members }, d })).toEqual(differs);
        const leaving = { ...a, leaving: true };
        expect(await changes("a b c", "b c d", { a: leaving, c: { ...c, members }, d })).toEqual([
            "b c",
            ...differs,
        ]);
    });
    test("of four that are all members again, one goes that is away, or that came last", async () => {
        expect(await changes("a b c d", "a b c d", { a, c, d })).toEqual(["a b c"]);
        expect(await changes("a b c d", "a b c d", { a, d })).toEqual(["a b d"]);
    });
    test("a primary that a person has permitted to go on alone is joined by the others", async () => {
        expect(await changes("b", "a b c d", { a, c, d })).toEqual(["b a", "b a c"]);
    });
});

describe("a change begins", () => {
    const obstacle = (voters: string, names: string, others: Record<string, State>, more: State = {}) =>
        python("obstacle(members(given[0])[0], members(given[0])[1:], tuple(given[1].split()), 50)", [
            { b: primary(voters, more), ...others },
            names,
        ]);

    test("when another voter of both sets has every write", async () => {
        expect(await obstacle("a b c d", "b c d", { a: ready, c: ready, d: ready })).toBeNull();
        const behind = { ...ready, position: [1, 49] };
        expect(await obstacle("a b c d", "b c d", { a: ready, c: behind, d: behind })).toBe(
            "c or d has to hold every write first",
        );
        expect(await obstacle("a b c", "a b c d", { a: behind, c: behind, d: ready })).toBe(
            "a or c has to hold every write first",
        );
    });
    test("when a majority of both sets answers", async () => {
        expect(await obstacle("a b c", "b c", { c: ready })).toBeNull();
        expect(await obstacle("a b c", "a b", { d: ready })).toBe("too few answer of a, b, c");
        expect(await obstacle("a b c", "a b c d", { c: ready })).toBe("too few answer of a, b, c");
    });
    test("when writes wait for others, or there are no others", async () => {
        expect(await obstacle("b c", "b c d", { c: ready, d: ready }, { semisync: false })).toBe(
            "its writes wait for nobody yet",
        );
        expect(await obstacle("b", "b c", { c: ready }, { semisync: false })).toBeNull();
        expect(await obstacle("b c", "b", { c: { ...ready, leaving: true } })).toBeNull();
    });
});

test("a set holds when a majority of it, and of the one before, has it", async () => {
    const held = (names: string, before: string, holders: string) =>
        python("holds(Voters.of(given[0]), set(given[1].split()))", [set(names, before), holders]);
    expect(await held("a b c d", "a b c", "a b")).toBe(false);
    expect(await held("a b c d", "a b c", "a b d")).toBe(true);
    expect(await held("a b c d", "a b c", "a d")).toBe(false);
    expect(await held("b c", "a b c", "b")).toBe(false);
    expect(await held("b c", "a b c", "b c")).toBe(true);
});

test("the newest set counts: of the later epoch, then the later one; a new cluster's are its first three by name", async () => {
    const inForce = (...sets: (object | undefined)[]) =>
        python("in_force(members(given), ['d', 'b', 'a', 'c']).names", {
            ...Object.fromEntries(sets.map((voters, i) => [`m${i}`, voters ? { voters } : {}])),
        });
    expect(await inForce(undefined, undefined)).toEqual(["a", "b", "c"]);
    expect(await inForce(set("a b", "a b", 3, 9), set("b c", "b c", 4, 0), undefined)).toEqual(["b", "c"]);
    expect(await inForce(set("a b", "a b", 4, 1), set("b c", "b c", 4, 0))).toEqual(["a", "b"]);
});

test("whoever becomes a full member has the newest set, and a primary that waits for others", async () => {
    const full = (more: State, told: object) =>
        python("makes_full(members({'b': given[0]})[0], Voters.of(given[1]))", [
            primary("a b c", more),
            told,
        ]);
    expect(await full({}, set("a b c"))).toBe(true);
    expect(await full({}, set("a b", "a b", 2))).toBe(false);
    // It was told that the primary waits for nobody, and what it sees of it is of before that.
    expect(await full({}, set("a b c", "a b c", 3, 1))).toBe(false);
    expect(await full({ semisync: false }, set("a b c"))).toBe(false);
    expect(await full({ alone: true }, set("a b c"))).toBe(false);
});

describe("a primary that is to be no member any more", () => {
    const decided = (order: string, given: Record<string, State>) =>
        python(
            "(lambda all: (lambda made: [made.action, made.reason])(decide(all[0], {each.name: each for each in all[1:]}, given[1].split(), 2.0)))(members(given[0]))",
            [given, order],
        );

    test("hands over to one that stays, and not to one that goes, too", async () => {
        const members = ["c", "d", "e"];
        const lists = { c: { ...ready, members }, d: ready, a: ready };
        expect(await decided("a b c d", { b: primary("a b c"), ...lists })).toEqual([
            "hand-over",
            "it is to be no member any more",
        ]);
        // c has not all rows, and a goes as well.
        const late = { ...lists, c: { ...lists.c, warm: false } };
        expect(await decided("a b c d", { b: primary("a b c"), ...late })).toEqual([
            "stay",
            "it is the primary",
        ]);
        expect(
            await decided("a b c", { b: primary("a b c", { leaving: true }), a: ready, c: ready }),
        ).toEqual(["hand-over", "it is to be no member any more"]);
    });
    test("does not listen to one that is no member itself", async () => {
        const stranger = { ...ready, members: ["x", "y", "z"] };
        expect(await decided("a b c", { b: primary("a b c"), a: ready, c: ready, x: stranger })).toEqual([
            "stay",
            "it is the primary",
        ]);
    });
});

test("a primary that another one has replaced, and that is gone again, steps down", async () => {
    const epochs = { "3": ["b", 2, 0], "4": ["a", 1, 50] };
    const given = { b: primary("a b c", { epochs }), c: { ...ready, epochs, promised: 4 } };
    const expression =
        "decide(members(given)[0], {'a': None, 'c': members(given)[1]}, ['a', 'b', 'c'], 2.0).reason";
    expect(await python(expression, given)).toBe("a has been the primary since");
});

test("an `up` waits until all voters are members, and for new ones at the end", async () => {
    const settled = (voters: string, order: string, wait: boolean, more: State = {}) =>
        python("is_settled(members(given[0]), given[1].split(), given[2])", [
            { b: primary(voters, { epochs: { "3": ["b", 2, 0] }, ...more }), c: ready },
            order,
            wait,
        ]);
    expect(await settled("a b c", "a b c", true)).toBe(true);
    expect(await settled("a b c d", "b c d", false)).toBe(false);
    expect(await settled("a b c", "b c d", false)).toBe(true);
    expect(await settled("a b c", "b c d", true)).toBe(false);
    expect(await settled("b c d", "b c d", true)).toBe(true);
    expect(await settled("b c d", "b c d", true, { settled: false })).toBe(false);
    expect(await settled("b c d", "b c d", true, { epochs: {} })).toBe(true);
});

test("a new cluster does not begin on hosts that it did not begin with, nor with lists that differ", async () => {
    const problem = (founder: boolean, members: string[]) =>
        python("__import__('replicated_quorum').quorum_problem(members(given), Voters(('a', 'b', 'c')))", {
            a: { founder },
            b: { members: ["a", "b", "c"] },
            c: { members },
        });
    expect(await problem(true, ["c", "b", "a"])).toBeNull();
    expect(await problem(false, ["c", "b", "a"])).toContain("all members are new hosts");
    expect(await problem(true, ["b", "c", "d"])).toBe(
        "a new cluster begins when its voters have one list of members",
    );
});
