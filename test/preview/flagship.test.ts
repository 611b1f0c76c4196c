import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkout } from "../../tools/paths.ts";
import { type TestStack, testStack } from "../support/engine.ts";
import { succeeded } from "../support/flagship.ts";
import { treeAsGolden } from "../support/golden.ts";

let stack: TestStack;
beforeAll(async () => {
    stack = await testStack({
        program: "examples/flagship",
        secrets: { failoverToken: "dop_v1_secret" },
        // A preview of what is not there yet asks the cloud nothing where there is no token.
        env: { DIGITALOCEAN_API_URL: "http://127.0.0.1:9" },
    });
});
afterAll(() => stack?.remove());

test("what a reviewer sees of a new stack", async () => {
    const tree = treeAsGolden(succeeded(await stack.preview()));
    await expect(tree).toMatchFileSnapshot("flagship.golden.txt");
});

test("configuration is there in full, before any address is known, and no secret is", async () => {
    const diff = succeeded(await stack.preview("--diff", "--show-full-output"));
    expect(diff).toContain("server web-1 web-1:80");
    expect(diff).not.toContain("dop_v1_secret");
    expect(diff).not.toContain("PRIVATE KEY");
});

test("the program that is tested is the one that is shown", () => {
    const project = readFileSync(join(checkout, "Pulumi.yaml"), "utf8");
    expect(project).toContain("main: examples/flagship/index.ts");
});
