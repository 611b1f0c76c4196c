import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { nodeProblem } from "../../src/nodeVersion.ts";
import { checkout } from "../../tools/paths.ts";

const read = (file: string) => readFileSync(join(checkout, file), "utf8");
const refusal = (version: string) => `evenkeel needs Node 22.18 or newer, and this is ${version}`;

test.each(["22.18.0", "22.20.1", "24.0.0", "26.1.0-pre"])("Node %s will do", (version) => {
    expect(nodeProblem(version)).toBeUndefined();
});

test.each(["18.20.8", "20.20.2", "22.9.0", "22.17.1"])("Node %s is refused", (version) => {
    expect(nodeProblem(version)).toBe(refusal(version));
});

test("package.json and README say the same", () => {
    expect(JSON.parse(read("package.json")).engines.node).toBe(">=22.18");
    expect(read("README.md")).toContain("Node 22.18 or newer");
});

test.each(["src/index.ts", "src/cli/main.ts"])("%s says so in one line, and ends", async (entry) => {
    const older =
        'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.20.2" } })';
    const run = await execa(process.execPath, ["--import", `data:text/javascript,${older}`, entry], {
        cwd: checkout,
        reject: false,
    });
    expect(run.stderr).toBe(refusal("20.20.2"));
    expect(run.exitCode).toBe(1);
});
