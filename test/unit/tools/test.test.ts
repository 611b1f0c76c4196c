import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { elapsed, lastLine } from "../../../local/progress.ts";
import { checkout } from "../../../tools/paths.ts";
import { withSection } from "../../../tools/sections.ts";
import { noTests } from "../../../tools/test/commands.ts";
import { kindOf } from "../../../tools/test/lint.ts";
import { readReport, reasonsIn } from "../../../tools/test/report.ts";
import { chosenStages } from "../../../tools/test/stages.ts";
import { apart, isLong, partsOf } from "../../../tools/test/suites.ts";
import { timesOf } from "../../../tools/test/times.ts";
import { STACKS } from "../../stacks.ts";
import type { Purpose } from "../../support/spending.ts";

describe("stages", () => {
    const run = async () => noTests;
    const all = [
        { name: "build", run },
        { name: "lint", run },
        { name: "engine", run },
        { name: "tests", needs: ["build", "engine"], run },
    ];
    const namesOf = (...names: string[]) => chosenStages(all, names).map(({ name }) => name);

    test("bring what they need, in the usual order", () => {
        expect(namesOf("tests")).toEqual(["build", "engine", "tests"]);
        expect(namesOf("tests", "lint")).toEqual(["build", "lint", "engine", "tests"]);
    });
});

describe("parts of the tests", () => {
    const STAGES = ["lint", "engine", "tests"];
    const parts = (...words: string[]) => partsOf(words, false, STAGES);
    const allParts = (...words: string[]) => partsOf(words, true, STAGES);
    const stacks = STACKS.map(({ name }) => name);

    test("are all of them when none is named; what is long is left to test:all", () => {
        for (const { stages, suites } of [parts(), allParts()]) {
            expect(stages).toEqual(STAGES);
            expect(suites.map(({ project }) => project)).toEqual(["unit", "preview", ...stacks]);
        }
        for (const { excluded } of [...parts().suites, ...parts("unit").suites])
            expect(excluded).toEqual(["**/long/**", "test/faults/**"]);
        for (const { excluded } of [...allParts().suites, ...allParts("unit").suites])
            expect(excluded).toEqual([]);
    });
    test("are a stage, a stack, or a file or folder of tests", () => {
        expect(parts("lint")).toEqual({ stages: ["lint"], suites: [] });
        expect(parts("front").stages).toEqual(["tests"]);
        expect(parts("hosts").suites.map(({ project }) => project)).toEqual(stacks);
        expect(parts("unit", "preview").suites.map(({ project }) => project)).toEqual(["unit", "preview"]);
        expect(parts("front").suites.map(({ project }) => project)).toEqual(["front"]);
        expect(parts("test/hosts/front/long/scan.test.ts").suites).toEqual([
            { project: "front", filters: ["test/hosts/front/long/scan.test.ts"], excluded: [] },
        ]);
        expect(parts("test/unit/tools").suites).toEqual([
            { project: "unit", filters: ["test/unit/tools"], excluded: [] },
        ]);
    });
    test("of test:all are every failure of every stack, too", () => {
        expect(allParts("faults").suites.map(({ filters }) => filters)).toEqual([
            ["test/faults/front/"],
            ["test/faults/galera/"],
            ["test/faults/replicated/"],
            ["test/faults/web/"],
        ]);
        expect(() => parts("faults")).toThrow("npm run test:all -- faults");
    });
    test("that are on one stack run one after the other", () => {
        const files = ["test/hosts/front/scan.test.ts", "test/faults/front/failures.test.ts"];
        expect(parts(...files).suites).toEqual([{ project: "front", filters: files, excluded: [] }]);
        expect(parts("front", files[0]!).suites).toHaveLength(1);
    });
    test("whose files have hosts of their own run beside each other; those of a stack do not", () => {
        const files = (all: boolean) =>
            apart(partsOf(["alone"], all, STAGES).suites).map(({ filters }) => filters);
        expect(files(false)).toContainEqual(["test/hosts/alone/demo.test.ts"]);
        expect(files(false).flat().filter(isLong)).toEqual([]);
        expect(files(true)).toContainEqual(["test/hosts/alone/long/planned.test.ts"]);
        expect(new Set(files(true).map(({ length }) => length))).toEqual(new Set([1]));
        expect(apart(parts("front").suites)).toEqual(parts("front").suites);
    });
    test("that do not exist are an error that names those which do", () => {
        expect(() => parts("frnt")).toThrow(/no such part of npm test: frnt .*front, galera, replicated/);
        expect(() => parts("test/hosts/front/none.test.ts")).toThrow("there is no test/hosts/front/none");
        expect(() => parts("test/support/engine.ts")).toThrow("no tests are in test/support");
    });
});

test("a moment of a file counts once: an up waits for the hosts that it makes", () => {
    const noted = (purpose: Purpose, from: number, to: number) => ({
        file: "a",
        purpose,
        from: from * 1000,
        to: to * 1000,
    });
    const [times] = timesOf([
        noted("file", 0, 100),
        noted("up", 10, 60),
        noted("hosts", 10, 20),
        noted("hosts", 12, 22),
        noted("packages", 20, 40),
        noted("waiting", 70, 80),
        noted("waiting", 75, 76),
    ]);
    expect(times).toEqual({
        ...{ file: "a", total: 100, hosts: 12, packages: 18, up: 20, waiting: 10 },
        asserting: 40,
    });
});

test("a document keeps all but the part that is written anew", () => {
    const document = "# A\n\nfirst\n\n## One\n\nold\n\n## Two\n\nkept\n";
    expect(withSection(document, "One", "new\n")).toBe(document.replace("old", "new"));
    expect(withSection(document, "Three", "new")).toBe(`${document}\n## Three\n\nnew\n`);
});

test("scripts are known by name or first line", () => {
    expect(kindOf("src/web/onhost/role", "#!/usr/bin/env bash")).toBe("shell");
    expect(kindOf("src/web/onhost/check", "#!/bin/sh")).toBe("shell");
    expect(kindOf("lib.bash", "# no shebang")).toBe("shell");
    expect(kindOf("src/web/onhost/claim", "#!/usr/bin/python3")).toBe("python");
    expect(kindOf("a.py", "")).toBe("python");
    expect(kindOf("README.md", "# bash")).toBeUndefined();
    expect(kindOf("main.js", "#!/usr/bin/env node")).toBeUndefined();
});

test("a headline shows the time and the last line said", () => {
    expect(elapsed(999)).toBe("1 s");
    expect(elapsed(59_499)).toBe("59 s");
    expect(elapsed(65_000)).toBe("1 min 05 s");
    expect(lastLine("one\ntwo\r\n\n")).toBe("two");
    expect(lastLine("\x1b[32m✓\x1b[0m done\n")).toBe("✓ done");
    expect(lastLine("\n")).toBe("");
});

describe("a suite's report", () => {
    const file = (name: string, seconds: number, tests: Record<string, string>, status = "passed") => ({
        name: join(checkout, "test/hosts", name),
        status,
        startTime: 1000,
        endTime: 1000 + seconds * 1000,
        assertionResults: Object.entries(tests).map(([fullName, result]) => ({
            fullName,
            status: result,
            failureMessages:
                result === "failed" ? ["\x1b[31mError\x1b[0m: waited 3 s\n    at quick.test.ts:3"] : [],
        })),
    });
    const read = (content: string, output?: string) => {
        const folder = mkdtempSync(join(tmpdir(), "evenkeel-test-"));
        onTestFinished(() => rmSync(folder, { recursive: true }));
        writeFileSync(join(folder, "report.json"), content);
        return readReport(join(folder, "report.json"), output);
    };

    test("names what failed and why, and what took longest", () => {
        const testResults = [
            file("quick.test.ts", 3, { "serves a page": "passed", "heals itself": "failed" }, "failed"),
            file("slow.test.ts", 65, { "does it all": "passed" }),
            file("broken.test.ts", 0, {}, "failed"),
        ];
        expect(read(JSON.stringify({ numPassedTests: 2, numFailedTests: 1, testResults }))).toEqual({
            passed: 2,
            failed: 1,
            failures: [
                "test/hosts/quick.test.ts: heals itself\n    Error: waited 3 s",
                "test/hosts/broken.test.ts: did not run",
            ],
            longest: ["slow.test.ts 1 min 05 s", "quick.test.ts 3 s", "broken.test.ts 0 s"],
        });
    });
    test("says of what failed before its tests what vitest said of it", () => {
        const testResults = [file("broken.test.ts", 9, { "serves a page": "skipped" }, "failed")];
        const output =
            "\n \x1b[31mFAIL\x1b[0m  front  test/hosts/broken.test.ts > a pair\nError: waited 60 s for one holder\n";
        expect(
            read(JSON.stringify({ numPassedTests: 0, numFailedTests: 0, testResults }), output).failures,
        ).toEqual(["test/hosts/broken.test.ts: did not run\n    Error: waited 60 s for one holder"]);
    });
    test("of a stack that did not come up is what the engine said", () => {
        const output = [
            "\x1b[31mError: the engine ended with 255:",
            "    evenkeel:hosts:Role db-1-state creating (0s)",
            "  error: db-1 (10.1.0.5): waited 120 s",
            "  error: db-1 (10.1.0.5): waited 120 s",
            "last words of db-1: 103 /usr/local/lib/evenkeel/replicated-member restart",
            " ❯ test/support/sharedStack.ts:41:13",
        ];
        expect(reasonsIn(output.join("\n"))).toEqual([
            "Error: the engine ended with 255:",
            "error: db-1 (10.1.0.5): waited 120 s",
            "last words of db-1: 103 /usr/local/lib/evenkeel/replicated-member restart",
        ]);
    });
    test("that was cut off counts nothing", () => expect(read('{ "numPassed').passed).toBe(0));
});

const document = (path: string) => readFileSync(join(checkout, path), "utf8");

test("docs/testing.md says of every long file why it is one", () => {
    const [, text = ""] = /^## Why a file is long\n(.*?)^## /ms.exec(document("docs/testing.md")) ?? [];
    const named = [...text.matchAll(/^\| `(\S+)` \| \S/gm)].map(([, name]) => name!);
    const tests = globSync("test/{graph,unit,hosts,faults}/**/*.test.ts", { cwd: checkout });
    const long = tests.filter(isLong).map((file) => file.replace(/^test\/|\.test\.ts$/g, ""));
    const folder = (name: string) => (/^(faults|graph)\//.test(name) ? dirname(name) : name);
    expect(named.sort()).toEqual([...new Set(long.map(folder))].sort());
});
