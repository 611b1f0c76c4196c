import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { goFor } from "../../tools/engine/go.ts";
import { testVultr, vultrKey } from "../support/vultr.ts";

test("the provider's own Go client lives through every kind of resource", async () => {
    await using api = await testVultr();
    const cwd = join(import.meta.dirname, "../conformance/govultr");
    const run = await execa(await goFor(cwd), ["test", "-count=1", "./..."], {
        cwd,
        env: { API_URL: api.url, API_KEY: vultrKey },
        reject: false,
        all: true,
    });
    expect(run.exitCode, run.all).toBe(0);
    // Nothing that the tests made is left.
    await expect.poll(() => api.machines.hosts.size).toBe(0);
    expect(api.machines.networks.size).toBe(0);
    expect([...api.machines.routes.values()].filter((holder) => holder !== undefined)).toEqual([]);
    expect(api.log).toEqual(["NOT IN THE LOCAL CLOUD: GET /v2/blocks"]);
});
