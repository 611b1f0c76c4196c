import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkout } from "../../tools/paths.ts";
import { testStack } from "../support/engine.ts";
import { succeeded } from "../support/flagship.ts";

test("the README's program previews as it stands", async () => {
    const readme = readFileSync(join(checkout, "README.md"), "utf8");
    const [, program] = /```ts\n(import [\s\S]*?)```/.exec(readme)!;
    const stack = await testStack({
        files: { "index.ts": program! },
        secrets: { failoverToken: "dop_v1_secret" },
        env: { DIGITALOCEAN_API_URL: "http://127.0.0.1:9", DIGITALOCEAN_TOKEN: "unused" },
    });
    try {
        const shown = succeeded(await stack.preview());
        expect(shown).toContain("web-2-web");
        expect(shown).toMatch(/\+ \d+ to create/);
    } finally {
        stack.remove();
    }
});
