import { expect, test } from "vitest";
import { directoryOf, needsStack } from "../../../tools/pulumiArguments.ts";

test.each([
    ["up --yes", true],
    ["preview --diff", true],
    ["config set greeting hi", true],
    ["stack output url", true],
    ["stack", true],
    ["-C examples/websites up", true],
    ["--cwd=examples/websites destroy", true],
    ["up --stack mine", false],
    ["up -s mine", false],
    ["up --help", false],
    ["stack init mine", false],
    ["stack ls", false],
    ["version", false],
    ["plugin ls", false],
    ["", false],
])("`%s` acts on the selected stack: %s", (line, answer) => expect(needsStack(line.split(" "))).toBe(answer));

test("the project's folder is handed on as it was given", () => {
    expect(directoryOf(["up", "-C", "there", "--yes"])).toEqual(["-C", "there"]);
    expect(directoryOf(["up", "--cwd=there"])).toEqual(["--cwd=there"]);
    expect(directoryOf(["up", "--config", "x"])).toEqual([]);
});
