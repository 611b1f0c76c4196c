import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkout } from "../../tools/paths.ts";

/** A cloud of its own: the demo that a user has running is not touched. */
const CLOUD = "test-demo";
const config = join(checkout, `Pulumi.${CLOUD}.yaml`);

/** The README's command, as a user types it. */
async function npmRun(...args: string[]): Promise<string> {
    const { all, exitCode } = await execa("npm", ["run", ...args], {
        cwd: checkout,
        env: { EVENKEEL_CLOUD: CLOUD },
        stdin: "ignore",
        all: true,
        reject: false,
    });
    if (exitCode !== 0)
        throw new Error(`npm run ${args.join(" ")} ended with ${exitCode}:\n${all.slice(-4000)}`);
    return stripVTControlCharacters(all);
}

/** Everything on this machine that a local cloud of this name could have left. */
async function traces(): Promise<string[]> {
    const lines = async (file: string, ...args: string[]) => (await execa(file, args)).stdout.split("\n");
    const found = [
        ...(await lines("ip", "netns", "list")),
        ...(await lines("podman", "ps", "--all", "--format", "{{.Names}}")),
    ].filter((line) => line.includes(CLOUD));
    return [...found, ...readdirSync(checkout).filter((file) => file.includes(CLOUD))];
}

const cleanUp = async () => {
    await npmRun("local", "--", "down");
    rmSync(config, { force: true });
};
beforeAll(cleanUp);
afterAll(cleanUp);

test("the demo deploys, splits evenly, survives the loss of a balancer, and previews a change", async () => {
    const shown = await npmRun("demo");
    const [, first, second] = /web-0: (\d+)\s+web-1: (\d+)/.exec(shown)!;
    expect(Number(first) + Number(second)).toBe(1000);
    expect(Math.abs(Number(first) - Number(second))).toBeLessThanOrEqual(100);
    const [, gap] = /longest time without an answer: (\d+) ms/.exec(shown)!;
    expect(Number(gap)).toBeGreaterThan(0);
    expect(Number(gap)).toBeLessThan(10_000);
    expect(shown).toMatch(/- +<h1>Hello from evenkeel<\/h1>\s+\+ +<h1>Good evening<\/h1>/);
    const [url] = /http:\/\/[\d.]+\/(?= +the page)/.exec(shown)!;
    expect(await (await fetch(url!)).text()).toContain("<h1>Hello from evenkeel</h1>");
});

test("what the README shows to look around with", async () => {
    expect(await npmRun("local", "--", "status")).toMatch(/web-0[^\n]*on/);
    expect(await npmRun("local", "--", "ssh", "web-0", "--", "hostname")).toContain("web-0");
    expect(await npmRun("pulumi", "--", "preview", "--diff")).toMatch(/31 unchanged/);
    expect(await npmRun("pulumi", "--", "up", "--yes")).toMatch(/31 unchanged/);
    await npmRun("local", "--", "fail", "kill", "lb-0");
    expect(await npmRun("local", "--", "status")).toMatch(/lb-0[^\n]*off/);
});

test("--down removes everything", async () => {
    await npmRun("demo", "--", "--down");
    expect(await traces()).toEqual([]);
    expect(existsSync(config)).toBe(false);
});

test("a local cloud comes up and goes", async () => {
    expect(await npmRun("local", "--", "up")).toMatch(/is up: http/);
    expect(await npmRun("local", "--", "down")).toMatch(/is gone/);
    expect(await traces()).toEqual([]);
});
