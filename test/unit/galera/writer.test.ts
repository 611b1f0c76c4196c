import { execa } from "execa";
import { expect, test } from "vitest";
import { PYTHON } from "../../support/python.ts";

/** What happens to three members, a look of all of them after each: who is there, who serves, seconds that pass. */
interface Moment {
    view: string[];
    ill?: string[];
    draining?: string[];
    seconds?: number;
    /** Whom somebody wants to take the writes. */
    next?: string;
}

/** Whom all members have for the writer after each moment; they look one after the other, as `looks` has them. */
async function writers(moments: Moment[], looks = ["db-2", "db-1", "db-0"]): Promise<string[]> {
    const program = `
import json, sys, types
sys.path[:0] = ["src/galera/onhost", "src/member/onhost"]
sys.modules["pymysql"] = types.SimpleNamespace(Error=OSError, Connection=object)
import galera_writer
from galera_decision import Member
from galera_writer import Writer

moments, looks = json.load(sys.stdin)
ADDRESSES = {"db-0": "10.0.0.1", "db-1": "10.0.0.2", "db-2": "10.0.0.3"}
now = 100.0
galera_writer.time.monotonic = lambda: now
row = []

class Rows:
    def __init__(self):
        self.closed = True

    def query(self, statement):
        words = statement.split("'")
        if statement.startswith("SELECT"):
            return [(*row, self.closed)] if row else []
        if statement.startswith("SET GLOBAL read_only = "):
            self.closed = statement.endswith("1")
        elif statement.startswith("INSERT"):
            row[:] = row or [words[1], ""]
        elif "name = next" in statement:
            row[:] = [row[1], ""]
        elif row[0] == words[-2]:
            row[:] = [words[1], ""]
        # Never two of them, but for one that hangs.
        assert sum(not each.observer.closed for name, each in writers.items() if name in there and name not in ill) <= 1, statement
        return []

class Peers:
    addresses = ADDRESSES

class Members:
    config = {"members": list(ADDRESSES)}
    peers = Peers()

class Known(Writer):
    def serves(self, _):
        return self.name not in ill

ill, there, writers = [], [], {}
writers = {name: Known(Rows()) for name in ADDRESSES}
found = []
for moment in moments:
    now += moment.get("seconds", 0.25)
    ill = moment.get("ill", [])
    there = moment["view"]
    if "next" in moment:
        row[1] = moment["next"]
    view = tuple(ADDRESSES[name] for name in moment["view"])
    for name in looks:
        if name in moment["view"]:
            me = Member(name, "running", primary=True, state=4, view=view, address=ADDRESSES[name], draining=name in moment.get("draining", []), stale=name in ill)
            writers[name].look(me, Members())
    found.append(row[0] if row else "")
print(json.dumps(found))`;
    const { stdout } = await execa(PYTHON, ["-B", "-c", program], {
        input: JSON.stringify([moments, looks]),
    });
    return JSON.parse(stdout) as string[];
}

const all = ["db-0", "db-1", "db-2"];
const there = { view: all };

test("the first in the list begins, whoever looks first, and keeps it", async () => {
    expect(await writers([there, there, { ...there, seconds: 100 }])).toEqual(["db-0", "db-0", "db-0"]);
    expect(await writers([there], all)).toEqual(["db-0"]);
});

test("where the first one is away the next one begins in its turn", async () => {
    const others = { view: ["db-1", "db-2"] };
    expect(await writers([others, { ...others, seconds: 9 }, { ...others, seconds: 2 }])).toEqual([
        "",
        "",
        "db-1",
    ]);
    expect(await writers([others, { ...there, seconds: 5 }])).toEqual(["", "db-0"]);
});

test("a writer that is gone is followed at once by the next, and who returns does not take it back", async () => {
    const others = { view: ["db-1", "db-2"] };
    expect(await writers([there, others, there, { ...there, seconds: 1000 }])).toEqual([
        "db-0",
        "db-1",
        "db-1",
        "db-1",
    ]);
});

test("one that is there and does not serve has a second; the last one waits for those before it", async () => {
    const ill = { view: all, ill: ["db-0"] };
    const all3 = [there, ill, { ...ill, seconds: 0.5 }, { ...ill, seconds: 0.6 }];
    expect(await writers(all3)).toEqual(["db-0", "db-0", "db-0", "db-1"]);
    const bothIll = { view: all, ill: ["db-0", "db-1"] };
    expect(
        await writers([
            there,
            bothIll,
            { ...bothIll, seconds: 1.1 },
            { ...bothIll, seconds: 0.25 },
            { ...bothIll, seconds: 0.3 },
        ]),
    ).toEqual(["db-0", "db-0", "db-0", "db-0", "db-2"]);
});

test("writes are given away by who has them, once it is closed", async () => {
    for (const looks of [all, all.toReversed()]) {
        expect(await writers([there, { ...there, next: "db-2" }, there, there], looks)).toEqual([
            "db-0",
            "db-2",
            "db-2",
            "db-2",
        ]);
    }
});

test("who drains takes nothing", async () => {
    const draining = { view: ["db-1", "db-2"], draining: ["db-1"] };
    expect(await writers([there, draining, { ...draining, seconds: 0.6 }])).toEqual(["db-0", "db-0", "db-2"]);
});
