import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { PYTHON } from "../../support/python.ts";

const UUID = "11111111-2222-3333-4444-555555555555";
const OTHER = "99999999-2222-3333-4444-555555555555";
const ORDER = ["db-0", "db-1", "db-2"];

type State = Record<string, unknown>;
const stopped = (seqno: number, more: State = {}): State => ({
    process: "stopped",
    uuid: UUID,
    seqno,
    ...more,
});
const serving: State = { process: "running", primary: true, state: 4, uuid: UUID, seqno: 9 };
const alone = (seqno: number): State => ({ process: "running", primary: false, uuid: UUID, seqno });
const fresh: State = { process: "stopped", fresh: true, founder: true };

interface Options {
    allowMajority?: boolean;
    /** Names of all who say something, and of those who are members. */
    order?: string[];
    listed?: string[];
}

/** What each member decides, given what all of them say; null is one that does not answer. */
async function decisions(
    states: (State | null)[],
    { allowMajority = false, order = ORDER, listed = order }: Options = {},
) {
    const program = `
import json, sys
sys.path[:0] = ["src/galera/onhost", "src/member/onhost"]
from galera_decision import Member, decide
states, order, listed, allow = json.load(sys.stdin)
members = {name: state and Member(name, **state) for name, state in zip(order, states)}
others = lambda name: {key: value for key, value in members.items() if key != name}
made = {name: member and decide(member, others(name), listed, allow) for name, member in members.items()}
print(json.dumps([each and [each.action, each.reason] for each in made.values()]))`;
    const input = JSON.stringify([states, order, listed, allowMajority]);
    const { stdout } = await execa(PYTHON, ["-B", "-c", program], { input });
    return JSON.parse(stdout) as ([string, string] | null)[];
}

/** The same for the members alone, when db-9 answers too, who is on nobody's list. */
async function leaver(states: (State | null)[], left: State, { allowMajority = false } = {}) {
    const order = ORDER.slice(0, states.length);
    const made = await decisions([...states, left], {
        allowMajority,
        order: [...order, "db-9"],
        listed: order,
    });
    return made.slice(0, -1);
}

const actions = async (states: (State | null)[], options?: { allowMajority?: boolean; order?: string[] }) =>
    (await decisions(states, options)).map((decision) => decision?.[0]);

describe("while there is a quorum", () => {
    test("a member that stopped joins, one that serves stays", async () => {
        expect(await actions([serving, serving, stopped(7)])).toEqual(["stay", "stay", "join"]);
    });
    test("a member that the others still count comes back when they have missed it", async () => {
        const counting = { ...serving, view: ["10.0.0.1", "10.0.0.2", "10.0.0.3"] };
        const gone = stopped(7, { address: "10.0.0.3" });
        expect(await actions([counting, counting, gone])).toEqual(["stay", "stay", "wait"]);
        const missing = { ...serving, view: ["10.0.0.1", "10.0.0.2"] };
        expect(await actions([missing, missing, gone])).toEqual(["stay", "stay", "join"]);
    });
    test("a new member joins", async () => {
        expect(await actions([serving, serving, fresh])).toEqual(["stay", "stay", "join"]);
    });
    test("a member that a network cut off stays as it is: it is found again", async () => {
        expect(await actions([serving, serving, alone(7)])).toEqual(["stay", "stay", "stay"]);
    });
    test("a member that has closed its connection to the others by itself gives up, and joins anew", async () => {
        const closed = { ...alone(7), closed: true };
        expect(await actions([serving, serving, closed])).toEqual(["stay", "stay", "give-up"]);
        expect(await actions([closed, stopped(9), null])).toEqual(["give-up", "wait", undefined]);
    });
    test("data of another cluster is never overwritten", async () => {
        const [, , decision] = await decisions([serving, serving, stopped(7, { uuid: OTHER })]);
        expect(decision).toEqual([
            "refuse",
            `this host holds data of cluster ${OTHER}, but db-0 is of ${UUID}`,
        ]);
    });
    test("data that is of no cluster is never overwritten", async () => {
        const [, , decision] = await decisions([serving, serving, { process: "stopped" }]);
        expect(decision?.[0]).toBe("refuse");
        expect(decision?.[1]).toContain("joining would overwrite it");
    });
    test("a MariaDB of another series does not join, one of another last number does", async () => {
        const old = { ...serving, version: "10.11.19" };
        const [, , refused] = await decisions([old, old, stopped(7, { version: "11.4.2" })]);
        expect(refused).toEqual([
            "refuse",
            "this host has MariaDB 11.4.2, but db-0 has 10.11.19: members are of one series; install 10.11 here",
        ]);
        expect(await actions([old, old, stopped(7, { version: "10.11.20" })])).toEqual([
            "stay",
            "stay",
            "join",
        ]);
        expect(await actions([old, old, { ...fresh, version: "10.6.3" }])).toEqual([
            "stay",
            "stay",
            "refuse",
        ]);
    });
    test("a state transfer that was cut off begins anew", async () => {
        const states = [serving, serving, { process: "stopped", claimed: true, transfer: true }];
        expect(await actions(states)).toEqual(["stay", "stay", "join"]);
    });
});

describe("a disk that is full", () => {
    const full = { ...serving, full: true, room: 12 };

    test("its member leaves while another can serve, and does not come back before there is room", async () => {
        const [, , left] = await decisions([serving, serving, full]);
        expect(left).toEqual(["leave", "the disk is full: less than 100 MB are left for its data"]);
        expect(await actions([serving, null, full])).toEqual(["stay", undefined, "leave"]);
        const [, , waits] = await decisions([serving, serving, stopped(7, { full: true, room: 12 })]);
        expect(waits).toEqual(["refuse", "the disk is full: it joins when 200 MB are free for its data"]);
    });

    test("who is the last to serve stays, and so do all whose disks are full", async () => {
        expect(await actions([full, null, stopped(7)])).toEqual(["stay", undefined, "join"]);
        expect(await actions([full, full, full])).toEqual(["stay", "stay", "stay"]);
        const donor = { ...serving, state: 2 };
        expect(await actions([donor, full, null])).toEqual(["stay", "stay", undefined]);
    });
});

describe("after an outage of all", () => {
    test("who holds the newest rows begins", async () => {
        expect(await actions([stopped(7), stopped(9), stopped(8)])).toEqual(["wait", "bootstrap", "wait"]);
    });
    test("of equals it is the one that was last to leave, then the preferred writer", async () => {
        expect(await actions([stopped(7), stopped(7), stopped(7, { safe: true })])).toEqual([
            "wait",
            "wait",
            "bootstrap",
        ]);
        expect(await actions([stopped(7), stopped(7), stopped(7)])).toEqual(["bootstrap", "wait", "wait"]);
    });
    test("a survivor without a quorum goes on where it stands", async () => {
        expect(await actions([stopped(7), alone(7), stopped(6)])).toEqual(["wait", "promote", "wait"]);
    });
    test("nobody begins while a member does not answer", async () => {
        const made = await decisions([stopped(7), stopped(9), null]);
        expect(made.map((decision) => decision?.[0])).toEqual(["wait", "wait", undefined]);
        expect(made[0]?.[1]).toBe(
            "nobody has a quorum, and db-2 does not answer: it may hold the newest rows; recovery without it needs permission",
        );
    });
    test("with permission a majority begins, and a minority never", async () => {
        const allowMajority = true;
        expect(await actions([stopped(7), stopped(9), null], { allowMajority })).toEqual([
            "wait",
            "bootstrap",
            undefined,
        ]);
        expect(await actions([stopped(7), null, null], { allowMajority })).toEqual([
            "wait",
            undefined,
            undefined,
        ]);
        const order = ["db-0", "db-1", "db-2", "db-3"];
        expect(await actions([stopped(7), stopped(9), null, null], { allowMajority, order })).toEqual([
            "wait",
            "wait",
            undefined,
            undefined,
        ]);
    });
    test("a member that waits to join whom there is not any more gives up, so that the newest can begin", async () => {
        const joining = { process: "starting", joining: 4 };
        expect(await actions([stopped(7), joining, stopped(8)])).toEqual(["wait", "give-up", "wait"]);
        expect(await actions([joining, joining, stopped(8)])).toEqual(["give-up", "give-up", "wait"]);
    });
    test("a member goes on joining while there may be somebody to join", async () => {
        const joining = { process: "starting", joining: 4 };
        const stays = async (...states: (State | null)[]) =>
            expect((await decisions(states))[0]?.[0]).toBe("stay");
        await stays(joining, serving, stopped(8));
        // In the middle of a change of its component it is not primary.
        await stays(joining, alone(9), stopped(8));
        await stays(joining, null, stopped(8));
        // It begins the cluster.
        await stays(joining, { process: "starting" }, stopped(8));
        await stays({ ...joining, joining: 1 }, stopped(7), stopped(8));
        await stays({ ...joining, transfer: true }, stopped(7), stopped(8));
        await stays({ process: "starting" }, stopped(7), stopped(8));
    });
    test("nobody begins while a member starts", async () => {
        expect(await actions([stopped(7), { process: "starting" }, stopped(8)])).toEqual([
            "wait",
            "stay",
            "wait",
        ]);
    });
    test.each([
        ["an unknown cluster", { process: "stopped", seqno: 99 }],
        ["an unknown position", stopped(-1)],
        ["a state transfer that was cut off", stopped(99, { transfer: true })],
        ["an empty member", fresh],
    ])("%s never begins", async (_, state) => {
        expect(await actions([state, stopped(3), stopped(4)])).toEqual(["wait", "wait", "bootstrap"]);
    });
    test("without a complete database nobody begins", async () => {
        const made = await decisions([stopped(-1), fresh, stopped(5, { transfer: true })]);
        for (const decision of made)
            expect(decision).toEqual(["wait", "no member has a complete database: restore a backup"]);
    });
    test("members of different clusters do not begin", async () => {
        const made = await decisions([stopped(7), stopped(9, { uuid: OTHER }), stopped(8)]);
        for (const decision of made) expect(decision?.[0]).toBe("wait");
    });
});

describe("a new cluster", () => {
    const unconfigured: State = { ...fresh, configured: false };

    test("begins with the first whose settings are there, once all answer", async () => {
        expect(await actions([unconfigured, unconfigured, fresh])).toEqual(["wait", "wait", "bootstrap"]);
        expect(await actions([fresh, fresh, fresh])).toEqual(["bootstrap", "wait", "wait"]);
    });
    test("does not begin while one does not answer, with or without permission", async () => {
        expect(await actions([fresh, fresh, null])).toEqual(["wait", "wait", undefined]);
        expect(await actions([fresh, fresh, null], { allowMajority: true })).toEqual([
            "wait",
            "wait",
            undefined,
        ]);
    });
});

describe("a cluster that existed before, on new hosts alone", () => {
    const stranger: State = { ...fresh, founder: false };
    const told =
        "all members are new hosts, though the cluster existed before: it does not begin empty by itself";

    test("does not begin empty, whoever is permitted what", async () => {
        for (const allowMajority of [false, true])
            expect(await decisions([stranger, stranger, stranger], { allowMajority })).toEqual(
                Array(3).fill(["refuse", told]),
            );
        expect(await actions([stranger, { ...stranger, fresh: false, seeded: true }, stranger])).toEqual(
            Array(3).fill("refuse"),
        );
    });
    test("begins with one of the hosts that it began with, or with rows that a host has", async () => {
        expect(await actions([stranger, fresh, stranger])).toEqual(["bootstrap", "wait", "wait"]);
        expect(await actions([stranger, stopped(7), stranger])).toEqual(["wait", "bootstrap", "wait"]);
        expect(await actions([stranger, stranger, serving])).toEqual(["join", "join", "stay"]);
    });
});

describe("a host that the program has taken out", () => {
    const order = ["db-0", "db-1"];

    test("is not waited for when it is silent, and begins when it answers with newer rows", async () => {
        expect(await actions([stopped(7), stopped(8)], { order })).toEqual(["wait", "bootstrap"]);
        const [left] = await leaver([stopped(7), stopped(8)], stopped(9));
        expect(left).toEqual(["wait", "db-9 begins: it holds the newest rows (seqno 9)"]);
    });
    test("does not make a majority of those who are left", async () => {
        const [alone] = await leaver([stopped(7), null, null], stopped(6), { allowMajority: true });
        expect(alone?.[0]).toBe("wait");
        expect(alone?.[1]).toContain("db-1, db-2 does not answer");
    });
    test("is joined while it serves", async () => {
        const [joins] = await leaver([stopped(7), stopped(8)], serving);
        expect(joins).toEqual(["join", "db-9 is in the primary component"]);
    });
});

describe("new members that hold the same", () => {
    const seeded = stopped(1, { seeded: true, claimed: true, founder: true });

    test("one begins, and the others join it", async () => {
        expect(await actions([seeded, seeded, seeded])).toEqual(["bootstrap", "wait", "wait"]);
        const unconfigured = { ...seeded, configured: false };
        expect(await actions([unconfigured, unconfigured, seeded])).toEqual(["wait", "wait", "bootstrap"]);
        expect(await actions([serving, seeded, seeded])).toEqual(["stay", "join", "join"]);
        expect(await actions([seeded, seeded, null])).toEqual(["wait", "wait", undefined]);
    });
    test("who holds other rows than the cluster began with takes a whole copy", async () => {
        const other = { ...seeded, uuid: OTHER };
        expect(await actions([serving, other, fresh])).toEqual(["stay", "copy", "join"]);
        expect(await actions([seeded, other, fresh])).toEqual(["bootstrap", "wait", "wait"]);
    });
    test("they are never the newest after an outage", async () => {
        expect(await actions([seeded, seeded, stopped(7)])).toEqual(["wait", "wait", "bootstrap"]);
        expect(await actions([seeded, seeded, stopped(-1)])).toEqual(["wait", "wait", "wait"]);
        const allowMajority = true;
        expect(await actions([seeded, seeded, null], { allowMajority })).toEqual(["wait", "wait", undefined]);
    });
});

test("whatever the members say, no two of them begin", async () => {
    const kinds = [
        fresh,
        stopped(7),
        stopped(9, { safe: true }),
        alone(8),
        stopped(1, { seeded: true }),
        serving,
        { process: "starting" },
        stopped(-1),
    ];
    const cases = kinds.flatMap((a) => kinds.flatMap((b) => kinds.map((c) => [a, b, c])));
    const program = `
import json, sys
sys.path[:0] = ["src/galera/onhost", "src/member/onhost"]
from galera_decision import Member, decide
order = ["db-0", "db-1", "db-2"]
for states in json.load(sys.stdin):
    members = {name: Member(name, **state) for name, state in zip(order, states)}
    begin = [name for name in order if decide(members[name], {k: v for k, v in members.items() if k != name}, order, True).action in ("bootstrap", "promote")]
    if len(begin) > 1 or (begin and any(m.primary for m in members.values())): print(json.dumps([begin, states]))`;
    const { stdout } = await execa(PYTHON, ["-B", "-c", program], { input: JSON.stringify(cases) });
    expect(stdout).toBe("");
});

describe("what is told of members", () => {
    const evaluated = async (expression: string, states: (State | null)[]) => {
        const program = `
import json, sys
sys.path[:0] = ["src/galera/onhost", "src/member/onhost"]
from galera_decision import Member, problem_of, writer_of
states, order = json.load(sys.stdin)
members = {name: state and Member(name, **state) for name, state in zip(order, states)}
print(json.dumps(${expression}))`;
        const input = JSON.stringify([states, ORDER]);
        return JSON.parse((await execa(PYTHON, ["-B", "-c", program], { input })).stdout) as unknown;
    };
    const writer = (...states: (State | null)[]) => evaluated("writer_of(members)", states);

    test("why one is not well; one that copies itself to another is", async () => {
        const states = [{ ...serving, state: 1 }, alone(7), stopped(7)];
        expect(await evaluated("[problem_of(each) for each in members.values()]", states)).toEqual([
            "not synced (joining)",
            "not in the primary component",
            "MariaDB is stopped",
        ]);
        expect(
            await evaluated("[problem_of(each) for each in members.values()]", [
                serving,
                { ...serving, state: 2 },
                null,
            ]),
        ).toEqual(["", "", "does not answer"]);
    });
    test("the writer is who says that of itself and is well", async () => {
        const knows = { ...serving, writer: "db-1" };
        expect(await writer(knows, knows, knows)).toBe("db-1");
        expect(await writer(knows, stopped(7), knows)).toBeNull();
        expect(await writer(knows, { ...knows, stale: true }, knows)).toBeNull();
        expect(await writer(serving, serving, serving)).toBeNull();
    });
});
