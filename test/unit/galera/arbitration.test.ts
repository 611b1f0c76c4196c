import { execa } from "execa";
import { expect, test } from "vitest";
import { PYTHON } from "../../support/python.ts";

const SERVING = { process: "running", primary: true };
const COUNTING = { ...SERVING, arbitrated: true };
const STOPPED = { process: "stopped" };
const ALONE = { process: "running" };

/** What is done with garbd, given what each member says; null is one that does not answer. */
async function action(states: (object | null)[], { uncounted = 60, hears = false } = {}): Promise<string> {
    const program = `
import json, sys
sys.path[:0] = ["src/galera/onhost", "src/member/onhost"]
from galera_arbitration import arbitrate
from galera_decision import Member
states, uncounted, hears = json.load(sys.stdin)
print(arbitrate([state and Member("db", **state) for state in states], uncounted, hears).action)`;
    const input = JSON.stringify([states, uncounted, hears]);
    return (await execa(PYTHON, ["-B", "-c", program], { input })).stdout;
}

test.each([
    ["members that serve count it", "stay", [COUNTING, COUNTING], {}],
    ["one is away, the other counts it", "stay", [null, COUNTING], {}],
    ["members serve without it: it was left in a group of its own", "restart", [SERVING, SERVING], {}],
    ["it has just been started", "stay", [SERVING, SERVING], { uncounted: 1 }],
    ["all members are stopped, and it is alone", "stop", [STOPPED, STOPPED], {}],
    ["all that answer are stopped, and it is alone", "stop", [STOPPED, null], {}],
    ["all that answer are stopped, but it hears one", "stay", [STOPPED, null], { hears: true }],
    ["nobody answers: it may be cut off itself", "stay", [null, null], {}],
    ["a member runs without a quorum: its vote may give it one", "stay", [STOPPED, ALONE], {}],
    ["a member is starting", "stay", [STOPPED, { process: "starting" }], {}],
])("%s: %s", async (_, expected, states, more) => {
    expect(await action(states, more)).toBe(expected);
});
