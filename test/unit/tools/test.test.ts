import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { elapsed, lastLine } from "../../../local/progress.ts";
import { checkout } from "../../../tools/paths.ts";
import { noTests } from "../../../tools/test/commands.ts";
import { kindOf } from "../../../tools/test/lint.ts";
import { readReport } from "../../../tools/test/report.ts";
import { chosenStages } from "../../../tools/test/stages.ts";

describe("stages", () => {
    const run = async () => noTests;
    const all = [
        { name: "build", run },
        { name: "unit", run },
        { name: "engine", run },
        { name: "hosts", needs: ["build", "engine"], run },
    ];
    const namesOf = (...names: string[]) => chosenStages(all, names).map(({ name }) => name);

    test("are all of them when none is named", () =>
        expect(namesOf()).toEqual(["build", "unit", "engine", "hosts"]));
    test("bring what they need, in the usual order", () => {
        expect(namesOf("hosts")).toEqual(["build", "engine", "hosts"]);
        expect(namesOf("hosts", "unit")).toEqual(["build", "unit", "engine", "hosts"]);
    });
    test("that do not exist are an error", () =>
        expect(() => namesOf("host")).toThrow(/no such stage: host \(there are/));
});

test("scripts are known by name or first line", () => {
    expect(kindOf("src/onhost/role", "#!/usr/bin/env bash")).toBe("shell");
    expect(kindOf("src/onhost/check", "#!/bin/sh")).toBe("shell");
    expect(kindOf("lib.bash", "# no shebang")).toBe("shell");
    expect(kindOf("src/onhost/claim", "#!/usr/bin/python3")).toBe("python");
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
    const read = (content: string) => {
        const folder = mkdtempSync(join(tmpdir(), "evenkeel-test-"));
        onTestFinished(() => rmSync(folder, { recursive: true }));
        writeFileSync(join(folder, "report.json"), content);
        return readReport(join(folder, "report.json"));
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
    test("that was cut off counts nothing", () => expect(read('{ "numPassed').passed).toBe(0));
});
