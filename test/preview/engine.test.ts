import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pulumiHome } from "../../tools/engine/home.ts";
import { asUsers, type TestStack, testStack } from "../support/engine.ts";

/** The engine itself: that a program in TypeScript runs as a user's would, and that its state is its own. */
let stack: TestStack;

beforeAll(async () => {
    stack = await testStack({
        files: { "index.ts": program("hello") },
        config: { word: "world" },
        env: asUsers,
    });
});

afterAll(() => stack?.remove());

function program(greeting: string): string {
    return `
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

const words: string[] = ["${greeting}", new pulumi.Config().require("word")];
const id = new random.RandomId("id", { keepers: { text: words.join("\\n") }, byteLength: 4 });
export const greeting = words.join(" ");
export const hex = id.hex;
`;
}

test("a program deploys, shows a change as a difference, and goes", async () => {
    const up = await stack.up();
    expect(up.exitCode, up.output).toBe(0);
    const { greeting, hex } = await stack.outputs();
    expect(greeting).toBe("hello world");
    expect(hex).toMatch(/^[0-9a-f]{8}$/);

    const again = await stack.preview("--expect-no-changes");
    expect(again.exitCode, again.output).toBe(0);

    writeFileSync(join(stack.folder, "index.ts"), program("goodbye"));
    const preview = await stack.preview("--diff");
    expect(preview.exitCode, preview.output).toBe(0);
    expect(preview.output).toMatch(/- hello\s+\+ goodbye/);

    const refresh = await stack.refresh();
    expect(refresh.exitCode, refresh.output).toBe(0);
    const destroy = await stack.destroy();
    expect(destroy.exitCode, destroy.output).toBe(0);
    expect(await stack.outputs()).toEqual({});
});

test("a program that fails says where, and the command fails", async () => {
    writeFileSync(
        join(stack.folder, "index.ts"),
        'const reason: string = "no such thing";\nthrow new Error(reason);\n',
    );
    const up = await stack.up();
    expect(up.exitCode).not.toBe(0);
    expect(up.output).toMatch(/no such thing/);
    expect(up.output).toMatch(/index\.ts:2:7/);
});

test("no command leaves a log, which takes more than half of the engine's time", async () => {
    expect((await stack.pulumi("stack", "output")).exitCode).toBe(0);
    expect(readFileSync(join(pulumiHome, "logs"), "utf8")).toMatch(/no logs/);
});
