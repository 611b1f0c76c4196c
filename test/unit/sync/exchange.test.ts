import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { PYTHON } from "../../support/python.ts";

/** What an expression of the programs comes to, of `given`. */
async function python(expression: string, given: unknown): Promise<unknown> {
    const program = `
import json, sys
sys.path[:0] = ["src/sync/onhost"]
from sync_centre import *
from sync_pairs import holds
import sync_copies, sync_unfinished, sync_unison
given = json.load(sys.stdin)
print(json.dumps(${expression}))`;
    const { stdout } = await execa(PYTHON, ["-B", "-c", program], { input: JSON.stringify(given) });
    return JSON.parse(stdout);
}

const ORDER = ["a", "b", "c"];
type State = Record<string, unknown> | null;
const up = {};
const gone = { there: false, silent: 15 };
const longGone = { there: false, silent: 70 };
const unheard = { there: false, silent: 3 };
const fresh = { complete: false };
const unmarked = { marker: false };
const centre = (...exchanges: string[]) => ({ centre: true, exchanges });

/** What the first of `of` decides, by what it knows of itself and the others. */
const decisions = (rows: [me: string, states: Record<string, State>][], patience = 60) =>
    python(
        `[[(d := decide(Host(me, **states.pop(me)), [Host(n, **s) for n, s in states.items()], given[1], given[2])).action, d.of] for me, states in given[0]]`,
        [rows, ORDER, patience],
    );

describe("who is the centre", () => {
    test.each<[what: string, me: string, states: Record<string, State>, action: string, of: string]>([
        ["the first, when all are there", "a", { a: up, b: up, c: up }, "lead", ""],
        ["and nobody else", "b", { a: up, b: up, c: up }, "wait", "a"],
        ["nobody, before all had time to answer", "a", { a: up, b: unheard, c: up }, "wait", ""],
        ["the first, when the others are gone", "a", { a: up, b: gone, c: gone }, "lead", ""],
        ["the second, when the first is gone", "b", { a: gone, b: up, c: up }, "lead", ""],
        ["not the third then", "c", { a: gone, b: up, c: up }, "wait", "b"],
        ["the second, when the first has no marker", "b", { a: unmarked, b: up, c: up }, "lead", ""],
        ["the second, when the first has no daemon", "b", { a: { daemon: false }, b: up, c: up }, "lead", ""],
        ["nobody without a marker", "a", { a: unmarked, b: up, c: up }, "wait", ""],
        ["whoever is, for one that comes back", "a", { a: up, b: centre("c"), c: up }, "follow", "b"],
        ["a centre stays it", "b", { a: gone, b: centre("c"), c: up }, "lead", ""],
        ["while a former one catches up", "b", { a: { steady: 59 }, b: centre("a", "c"), c: up }, "lead", ""],
        ["until it has been well", "b", { a: { steady: 61 }, b: centre("a", "c"), c: up }, "wait", "a"],
        ["not for one after it", "a", { a: centre("b"), b: { steady: 900 }, c: up }, "lead", ""],
        ["of two, the one that is alone ends", "a", { a: centre(), b: centre("c"), c: up }, "follow", "b"],
        ["of two, the other one stays", "b", { a: centre(), b: centre("c"), c: up }, "lead", ""],
        ["of two alone, the first stays", "a", { a: centre(), b: centre(), c: gone }, "lead", ""],
        ["of two alone, the second ends", "b", { a: centre(), b: centre(), c: gone }, "follow", "a"],
    ])("%s", async (_, me, states, action, of) => {
        expect(await decisions([[me, states]])).toEqual([[action, of]]);
    });

    test.each<[what: string, me: string, states: Record<string, State>, action: string, of: string]>([
        ["not a host that was made anew", "a", { a: fresh, b: up, c: up }, "wait", "b"],
        ["but one that has a copy", "b", { a: fresh, b: up, c: up }, "lead", ""],
        ["the first, when all are new", "a", { a: fresh, b: fresh, c: fresh }, "lead", ""],
        ["not yet, when one that may have a copy is out", "a", { a: fresh, b: fresh, c: gone }, "wait", ""],
        ["the first, when it has been out for long", "a", { a: fresh, b: fresh, c: longGone }, "lead", ""],
    ])("of hosts without a first copy: %s", async (_, me, states, action, of) => {
        expect(await decisions([[me, states]])).toEqual([[action, of]]);
    });
});

test.each<[what: string, others: Record<string, State>, whole: string[], complete: boolean]>([
    ["an exchange with a whole copy", { b: up, c: fresh }, ["b"], true],
    ["exchanges with all that are new", { b: fresh, c: fresh }, ["b", "c"], true],
    ["not with some of them", { b: fresh, c: fresh }, ["b"], false],
    ["nor with nobody", { b: longGone, c: longGone }, [], false],
    ["with those that are not out for long", { b: fresh, c: { ...longGone, ...fresh } }, ["b"], true],
])("a first copy is complete by %s", async (_, others, whole, complete) => {
    const expression = `may_complete(Host("a", complete=False), [Host(n, **s) for n, s in given[0].items()], set(given[1]))`;
    expect(await python(expression, [others, whole])).toBe(complete);
});

test.each<[what: string, mine: unknown, theirs: unknown, holding: boolean]>([
    ["holds while they heard of no other reign", { id: "1", since: [] }, { id: "1", since: [] }, true],
    ["holds when one heard of some", { id: "1", since: [] }, { id: "1", since: ["b:1", "b:2"] }, true],
    ["holds when each heard of another", { id: "1", since: ["a:1"] }, { id: "1", since: ["b:1"] }, true],
    ["ends when both heard of one", { id: "1", since: ["b:1"] }, { id: "1", since: ["b:1"] }, false],
    ["is none of a host made anew", { id: "1", since: [] }, null, false],
    ["is none when they differ", { id: "1", since: [] }, { id: "2", since: [] }, false],
])("a record of two hosts %s", async (_, mine, theirs, holding) => {
    expect(await python("holds(*given)", [mine, theirs])).toBe(holding);
});

const config = {
    ...{ name: "uploads", host: "a", path: "/srv/www/uploads", hosts: ORDER, exclude: [], every: null },
    conflicts: "newest" as unknown,
};
const command = (changed: Partial<typeof config>) =>
    python(`sync_unison.command(given, "b", "/etc/evenkeel/sync/uploads.ssh", "1f", ["a:1", "b:2"])`, {
        ...config,
        ...changed,
    }) as Promise<string[]>;
const following = (words: string[], option: string) => words[words.indexOf(option) + 1];

describe("unison's command line", () => {
    test("has the roots, the peer's door, and what its server is told", async () => {
        const words = await command({});
        expect(words.slice(1, 3)).toEqual(["/srv/www/uploads", "ssh://b//srv/www/uploads"]);
        expect(following(words, "-sshargs")).toBe("-F /etc/evenkeel/sync/uploads.ssh");
        expect(following(words, "-servercmd")).toBe("unison -server a 1f a:1,b:2");
        expect(words).toContain("-fastcheck=false");
        expect(following(words, "-mountpoint")).toBe(".evenkeel-sync");
        expect(following(words, "-perms")).toBe(String(0o107));
    });

    test("watches, unless there is an interval", async () => {
        expect((await command({})).slice(-2)).toEqual(["-repeat", "watch"]);
        expect(await command({ every: 60 as never })).not.toContain("-repeat");
    });

    test.each([
        ["newest", "newer"],
        ["keepBoth", "newer"],
        [{ prefer: "a" }, "/srv/www/uploads"],
        [{ prefer: "b" }, "ssh://b//srv/www/uploads"],
        [{ prefer: "c" }, "/srv/www/uploads"],
    ])("by the rule %j it prefers %s", async (conflicts, preferred) => {
        expect(following(await command({ conflicts }), "-prefer")).toBe(preferred);
    });
});

test.each<[pattern: string, hits: string[], misses: string[]]>([
    ["*.tmp", ["a.tmp", ".a.tmp", "d/e/.tmp"], ["a.tmp2", "atmp"]],
    ["/cache", ["cache"], ["d/cache", "cache2"]],
    ["/a/*.x", ["a/b.x", "a/.x"], ["a/b/c.x", "b/a/b.x"]],
    ["?", ["a", ".", "d/b"], ["ab"]],
    ["a[1](b){c}+^$|\\", ["a[1](b){c}+^$|\\"], ["a1bc"]],
])("the pattern %s leaves out the same as rsync's", async (pattern, hits, misses) => {
    const expression = `[bool(__import__("re").fullmatch(sync_unison.expression(given[0]), path)) for path in given[1]]`;
    expect(await python(expression, [pattern, [...hits, ...misses]])).toEqual([
        ...hits.map(() => true),
        ...misses.map(() => false),
    ]);
});

test("unison takes no backslash before what closes", async () => {
    expect(await python("sync_unison.expression(given)", "/a]b}c.d")).toBe("a[]]b[}]c\\.d");
});

test("what was on its way when a unison was cut off goes, and nothing else", async () => {
    const tree = mkdtempSync(join(tmpdir(), "evenkeel-tree-"));
    const outside = mkdtempSync(join(tmpdir(), "evenkeel-outside-"));
    const write = (...paths: string[]) => {
        for (const path of paths) {
            mkdirSync(join(tree, dirname(path)), { recursive: true });
            writeFileSync(join(tree, path), "");
        }
    };
    const kept = [".unison.tmp", ".unisontmp/a", "a/.unison.x.unison.tmp.txt", "a/b"];
    write(
        ...kept,
        ".unison.old.70fddc.unison.tmp/1",
        ".unison.old.70fddc.unison.tmp/d/2",
        "a/.unison.b.70fddc.unison.tmp",
    );
    writeFileSync(join(outside, "far"), "");
    symlinkSync(outside, join(tree, ".unison.link.70fddc.unison.tmp"));
    await python("sync_unfinished.clear(given)", tree);
    const { stdout } = await execa("find", [tree, "-type", "f", "-printf", "%P\n"]);
    expect(stdout.split("\n").sort()).toEqual(kept.sort());
    expect(readdirSync(outside)).toEqual(["far"]);
    for (const folder of [tree, outside]) rmSync(folder, { recursive: true });
});

test("kept copies are not exchanged, unless both are to be kept", async () => {
    const ignored = (conflicts: unknown) => python("sync_unison.ignored(given)", { ...config, conflicts });
    const kept = (patterns: unknown) => (patterns as string[]).some((each) => each.includes("conflict"));
    expect(kept(await ignored("newest"))).toBe(true);
    expect(kept(await ignored({ prefer: "a" }))).toBe(true);
    expect(kept(await ignored("keepBoth"))).toBe(false);
});

test.each([
    ["a (conflict_on_2026-11-29).txt", true, null],
    ["a.tar (conflict #2_on_2026-11-29).gz", true, null],
    [" (conflict_on_2026-11-29).hidden", true, null],
    ["a (conflict_on_2026-11-29_was_deleted)", true, "a"],
    ["a (conflict #1_on_2026-11-29_was_deleted).txt", true, "a.txt"],
    [" (conflict_on_2026-11-29_was_deleted).hidden", true, ".hidden"],
    ["a (conflict).txt", false, null],
])("%j is a copy that lost: %s", async (name, isCopy, restored) => {
    const expression = `[sync_copies.is_copy(given.encode()), (sync_copies.restored(given.encode()) or b"").decode() or None]`;
    expect(await python(expression, name)).toEqual([isCopy, restored]);
});

/** What unison 2.52.1 was seen to say. */
async function report(...lines: string[]) {
    const expression = `(lambda r: [[r.hear(line) for line in given], r.rounds, r.failing, list(r.conflicts), r.fatal, r.whole])(sync_unison.Report())`;
    const [told, rounds, failing, conflicts, fatal, whole] = (await python(expression, lines)) as unknown[];
    return { told: (told as (string | null)[]).filter(Boolean), rounds, failing, conflicts, fatal, whole };
}

describe("what unison says", () => {
    test("a round without a change says nothing to the journal", async () => {
        const said = await report(
            "Looking for changes",
            "Nothing to do: replicas have not changed since last sync.",
        );
        expect(said).toMatchObject({ told: [], rounds: 1, whole: true });
    });

    test("a conflict is told, with the progress before a line left out", async () => {
        const said = await report(
            "changed  <==== changed    f.tar.gz  ",
            "deleted  <==== chgd dir   dd  ",
            "file     ---->            new  ",
            "100%  00:00 ETA               Synchronization complete at 07:33:54  (5 items transferred, 0 skipped, 0 failed)",
        );
        expect(said).toMatchObject({ conflicts: ["f.tar.gz", "dd"], rounds: 1, whole: true });
    });

    test("what failed is failing until it is exchanged; it is listed after the summary, too", async () => {
        const failed = [
            "Failed [b.log]: The source file /srv/b.log",
            "has been modified during synchronization.  Transfer aborted.",
            "Synchronization incomplete at 07:33:54  (0 items transferred, 0 skipped, 1 failed)",
            "  failed: b.log",
        ];
        expect(await report(...failed)).toMatchObject({
            failing: { "b.log": "The source file /srv/b.log" },
            whole: false,
        });
        expect(
            await report(
                ...failed,
                "[END] Updating file b.log",
                "Synchronization complete at 07:33:55  (1 item transferred, 0 skipped, 0 failed)",
            ),
        ).toMatchObject({ failing: {}, rounds: 2, whole: true });
    });

    test("an error is why it ends", async () => {
        const text =
            "Server: Path /srv/.evenkeel-sync is designated as a mountpoint, but points to nothing on host b";
        expect(await report(`Fatal error: ${text}`)).toMatchObject({ fatal: text, whole: false });
    });
});
