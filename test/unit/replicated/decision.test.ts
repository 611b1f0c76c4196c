import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { PYTHON } from "../../support/python.ts";

const ORDER = ["db-0", "db-1", "db-2", "db-3"];

type State = Record<string, unknown>;
const FIRST = { "1": ["db-0", 1, 0] };
const SECOND = { ...FIRST, "2": ["db-1", 2, 40] };
const primary: State = {
    process: "running",
    leads: 1,
    promised: 1,
    epochs: FIRST,
    position: [1, 50],
    formed: true,
};
const voter: State = {
    ...{ process: "running", promised: 1, epochs: FIRST, position: [1, 50], formed: true, warm: true },
    ...{ follows: "db-0", follows_epoch: 1 },
};
const orphan = { ...voter, silent: 9 };
const fresh: State = { process: "running", silent: 9, founder: true };
const former: State = { process: "stopped", promised: 1, epochs: FIRST, formed: true };

/** The only one that has the rows of a restore, and not elected yet. */
const restored = {
    ...fresh,
    epochs: {},
    position: [1, 20],
    formed: true,
    ...{ history: 900, newest: 900, alone: true },
};
/** Everything of before that restore, of which it has heard. */
const outdated = { ...orphan, newest: 900 };

/** What each member decides, given what all of them say; null is one that does not answer. */
async function decisions(states: (State | null)[], idle = 0) {
    const program = `
import json, sys
sys.path[:0] = ["src/replicated/onhost", "src/member/onhost"]
from replicated_decision import decide
from replicated_member import parse
from replicated_history import of_history
states, order, idle = json.load(sys.stdin)
order = order[:len(states)]
made = {name: parse(state and {"name": name, **state}) for name, state in zip(order, states)}
others = lambda name: of_history(made[name].newest, {key: value for key, value in made.items() if key != name})
print(json.dumps([each and decide(each, others(name), order, 2.0, idle).__dict__ for name, each in made.items()]))`;
    const { stdout } = await execa(PYTHON, ["-B", "-c", program], {
        input: JSON.stringify([states, ORDER, idle]),
    });
    return JSON.parse(stdout) as ({ action: string; reason: string } | null)[];
}

/** What an expression of replicated_decision.py says of `given`. */
async function decided(expression: string, given: unknown): Promise<string | null> {
    const program = `
import json, sys
sys.path[:0] = ["src/replicated/onhost", "src/member/onhost"]
from replicated_decision import why_not_reseed
from replicated_member import Member
from replicated_quorum import may_promise
given = json.load(sys.stdin)
print(json.dumps(${expression}))`;
    const { stdout } = await execa(PYTHON, ["-B", "-c", program], { input: JSON.stringify(given) });
    return JSON.parse(stdout) as string | null;
}

/** Why a voter refuses its promise to db-1 for epoch 5, or null. */
async function promised(voter: State, { history }: { history: number }): Promise<string | null> {
    return decided(`may_promise(Member("db-0", **given[0]), None, 5, "db-1", 2.0, given[1])`, [
        voter,
        history,
    ]);
}

/** Why db-0 is not seeded anew though a person asks for it, or null; the others are db-1 and db-2, if they answer. */
async function notReseeded(me: State, others: (State | null)[]): Promise<string | null> {
    const order = JSON.stringify(ORDER);
    const made = `[Member(name, **state) for name, state in zip(${order}, given) if state]`;
    return decided(`why_not_reseed(Member("db-0", **given[0]), ${made}, ${order})`, [me, ...others]);
}

const actions = async (states: (State | null)[], idle?: number) =>
    (await decisions(states, idle)).map((decision) => decision?.action);

describe("a new cluster", () => {
    test("begins with its first member, when all voters are there", async () => {
        expect(await actions([fresh, fresh, fresh])).toEqual(["campaign", "wait", "wait"]);
        const [waits] = await decisions([fresh, fresh, null]);
        expect(waits!.reason).toBe("a new cluster begins with all of its voters: db-2 is not there");
    });
});

describe("while there is a primary", () => {
    test("everybody follows it, who follows already stays", async () => {
        expect(await actions([primary, voter, { ...fresh, silent: 0 }])).toEqual(["stay", "stay", "follow"]);
    });
    test("a replica whose disk is full leaves, as long as the others can acknowledge each other's writes", async () => {
        const full = { ...voter, full: true };
        expect(await actions([primary, voter, full])).toEqual(["stay", "stay", "leave"]);
        expect(await actions([primary, full, full])).toEqual(["stay", "stay", "stay"]);
        expect(await actions([primary, null, full])).toEqual(["stay", undefined, "stay"]);
        // It has no vote that would be missed.
        expect(await actions([primary, full, voter, full])).toEqual(["stay", "leave", "stay", "leave"]);
        const away = { ...voter, process: "stopped", full: true };
        expect(await actions([primary, voter, away])).toEqual(["stay", "stay", "wait"]);
    });
    test.each([
        ["active", 500, "hung"],
        ["deactivating", 0, "hung"],
        ["deactivating", 50, "starting"],
        ["activating", 0, "starting"],
        ["failed", 0, "stopped"],
    ])("MariaDB that does not answer, is %s and has %i MB, is %s", async (unit, room, process) => {
        const ask = `from replicated_member import silent_process; print(silent_process("${unit}", ${room}))`;
        const { stdout } = await execa(PYTHON, ["-B", "-c", ask], {
            env: { PYTHONPATH: "src/replicated/onhost" },
        });
        expect(stdout).toBe(process);
    });

    test("MariaDB that waits for room is killed, as long as the others can do without it", async () => {
        const hung = { ...voter, process: "hung", full: true };
        expect(await actions([primary, voter, hung])).toEqual(["stay", "stay", "kill"]);
        expect(await actions([primary, null, hung])).toEqual(["stay", undefined, "stay"]);
        expect(await actions([primary, voter, { ...hung, full: false }])).toEqual(["stay", "stay", "stay"]);
        // One that was the primary leads nobody any more, and the others elect another one.
        expect((await actions([{ ...hung, follows: "" }, voter, voter]))[0]).toBe("kill");
    });
    test("a primary whose disk is full hands over to who can take over", async () => {
        const full = { ...primary, full: true };
        const healthy = { ...voter, io: "Yes", sql: "Yes" };
        expect(await actions([full, healthy, voter])).toEqual(["hand-over", "stay", "stay"]);
        const [stays] = await decisions([full, voter, { ...healthy, full: true }]);
        expect(stays!.reason).toBe(
            "the disk is full: less than 100 MB are left for its data, and no other voter could lead",
        );
    });
    test("nobody follows one of an epoch older than it promised", async () => {
        expect(await actions([primary, { ...voter, promised: 2, follows_epoch: 0 }, voter])).toEqual([
            "renew",
            "wait",
            "stay",
        ]);
    });
    test("one that has been replaced steps down, and the replicas follow the new one", async () => {
        const second = { ...primary, leads: 2, promised: 2, epochs: SECOND };
        expect(await actions([primary, second, voter])).toEqual(["step-down", "stay", "follow"]);
    });
    test("who gets the primary's place takes it when it has everything", async () => {
        const yielding = { ...primary, yields_to: "db-2" };
        expect(await actions([yielding, voter, voter])).toEqual(["stay", "stay", "campaign"]);
        expect(await actions([yielding, voter, { ...voter, position: [1, 49] }])).toEqual([
            "stay",
            "stay",
            "stay",
        ]);
    });
});

describe("when the primary is gone", () => {
    test("the voter with the newest log is elected", async () => {
        expect(await actions([null, orphan, { ...orphan, position: [1, 51] }])).toEqual([
            undefined,
            "wait",
            "campaign",
        ]);
    });
    test("a longer log of an older epoch is not newer", async () => {
        const newer = { ...orphan, epochs: SECOND, position: [2, 41] };
        const longer = { ...orphan, epochs: SECOND, position: [1, 99] };
        expect(await actions([longer, newer, null])).toEqual(["wait", "campaign", undefined]);
    });
    test("a voter that heard of it a moment ago holds the election up", async () => {
        const [, waits] = await decisions([null, orphan, { ...orphan, silent: 1 }]);
        expect(waits!.reason).toBe("db-2 saw a primary a moment ago");
    });
    test("a voter alone elects nobody, a member without a vote neither", async () => {
        const [, alone] = await decisions([null, orphan, null]);
        expect(alone!.reason).toBe("no majority of full members: db-0, db-2 is not there");
        expect(await actions([null, null, null, orphan])).toEqual([undefined, undefined, undefined, "wait"]);
    });
    test("voters that were restarted wait for the one that may hold what they lost", async () => {
        const cold = { ...orphan, warm: false };
        const [, waits] = await decisions([null, cold, cold]);
        expect(waits!.reason).toBe(
            "db-0 may hold acknowledged writes that the others lost when they were restarted",
        );
        expect(await actions([{ ...cold, position: [1, 52] }, cold, null])).toEqual([
            "campaign",
            "wait",
            undefined,
        ]);
    });
    test("a member whose disk is new has no say", async () => {
        const [, waits] = await decisions([null, orphan, fresh]);
        expect(waits!.reason).toBe("no majority of full members: db-0 is not there");
    });
});

describe("MariaDB that has stopped", () => {
    test("starts as it is on a replica", async () => {
        expect(await actions([primary, { ...former, process: "stopped" }, voter])).toEqual([
            "stay",
            "start",
            "stay",
        ]);
    });
    test("on the primary leaves the others time to elect, then starts as their replica", async () => {
        expect(await actions([former, orphan, orphan])).toEqual(["wait", "campaign", "wait"]);
        const second = { ...primary, leads: 2, promised: 2, epochs: SECOND };
        expect(await actions([former, second, voter])).toEqual(["start-as-replica", "stay", "follow"]);
        expect((await actions([former, orphan, orphan], 11))[0]).toBe("start");
    });
    test("on the primary starts as it is when all have stopped", async () => {
        expect(await actions([former, former, former])).toEqual(["start", "start", "start"]);
    });
});

describe("after a restore", () => {
    test("who has its rows is elected, however long the logs of before are", async () => {
        expect(await actions([outdated, restored, outdated])).toEqual(["wait", "campaign", "wait"]);
    });
    test("those who have the rows of before elect nobody, though they are two", async () => {
        const [waits] = await decisions([outdated, null, outdated]);
        expect(waits!.reason).toBe(
            "it has those of before a restore, and no member that has the cluster's serves",
        );
    });
    test("they copy the rows of the primary; one that is a primary still steps down", async () => {
        const leads = { ...restored, leads: 9, promised: 9, epochs: { "9": ["db-1", 2, 20] } };
        const empty = { ...former, newest: 900, history: -1 };
        expect(await actions([empty, leads, outdated])).toEqual(["reseed", "stay", "reseed"]);
        expect((await actions([{ ...primary, newest: 900 }, leads, outdated]))[0]).toBe("step-down");
    });
    test("a member that was full since is needed for an election: the restored one is not alone any more", async () => {
        const [, , waits] = await decisions([outdated, null, { ...restored, alone: false, epochs: SECOND }]);
        expect(waits!.reason).toBe("no majority of full members: db-1 is not there");
    });
    test("a voter promises nothing to who has older rows than it knows of, and anything newer to who has newer", async () => {
        expect(await promised(outdated, { history: 0 })).toBe("it knows of a later restore");
        expect(await promised(outdated, { history: 900 })).toBeNull();
        expect(await promised({ ...outdated, process: "stopped" }, { history: 900 })).toBeNull();
        expect(await promised({ ...outdated, promised: 5 }, { history: 900 })).toBe(
            "it has promised epoch 5",
        );
    });
});

test("in 150 schedules of crashes, cuts, restores and changes of members no acknowledged write is lost, and one primary remains", async () => {
    const { stdout } = await execa(PYTHON, ["-B", "test/support/election_model.py", "150", "2000"]);
    const { elections, acknowledged, restores, changes } = JSON.parse(stdout) as Record<string, number>;
    expect(restores).toBeGreaterThan(100);
    expect(elections).toBeGreaterThan(500);
    expect(changes).toBeGreaterThan(400);
    expect(acknowledged).toBeGreaterThan(5000);
}, 60_000);

describe("a voter is seeded anew because a person asks", () => {
    test("while another replica acknowledges what is written", async () => {
        expect(await notReseeded(voter, [primary, voter])).toBeNull();
    });
    test("not when it is the only one that does", async () => {
        const problem =
            "all writes would wait while it copies, as db-2 acknowledges none: bring that back first";
        expect(await notReseeded(voter, [primary, null])).toBe(problem);
        expect(await notReseeded(voter, [primary, { ...voter, warm: false }])).toBe(problem);
    });
    test("when it acknowledges nothing itself", async () => {
        expect(await notReseeded({ ...voter, warm: false }, [primary, null])).toBeNull();
    });
});
