import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkout } from "../../../../tools/paths.ts";
import { blocks, commandsIn } from "../../../support/readme.ts";
import { spending } from "../../../support/spending.ts";

/** A cloud of its own: one that a user has running is not touched. */
const CLOUD = "test-own-example";
const EXAMPLE = "examples/own-hosts";

const text = readFileSync(join(checkout, EXAMPLE, "README.md"), "utf8");
/** The lines that bring the example up, and those that look at it. */
const [bringUp = "", look = ""] = blocks("sh", text);

/** A line of the README in the user's shell; `up` would ask before it begins. */
async function shell(line: string): Promise<string> {
    const command = line.endsWith(`${EXAMPLE} up`) ? `${line} --yes` : line;
    const { all, exitCode } = await execa("sh", ["-c", command], {
        cwd: checkout,
        env: { EVENKEEL_CLOUD: CLOUD },
        stdin: "ignore",
        all: true,
        reject: false,
    });
    expect(exitCode, `${line}\n${all.slice(-3000)}`).toBe(0);
    return all;
}

const cleanUp = async () => {
    await shell("npm run local -- down");
    rmSync(join(checkout, EXAMPLE, `Pulumi.${CLOUD}.yaml`), { force: true });
};
beforeAll(cleanUp);
afterAll(cleanUp);

test("its README's lines, one after the other: three machines serve a page at one address, and one of them may die", async () => {
    for (const line of commandsIn(bringUp)) await spending("up", () => shell(line));
    const [ask = "", kill = "", again = ""] = commandsIn(look);
    expect(await shell(ask)).toMatch(/x-served-by: \w+[\s\S]*Hello from my own hosts/);
    await shell(kill);
    await expect.poll(() => shell(again)).toMatch(/x-served-by: (beta|gamma)[\s\S]*Hello from my own hosts/);
});
