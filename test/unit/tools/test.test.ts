import { describe, expect, test } from "vitest";
import { elapsed, lastLine } from "../../../local/progress.ts";
import { noTests } from "../../../tools/test/commands.ts";
import { kindOf } from "../../../tools/test/lint.ts";
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
