import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { goFor } from "../../tools/engine/go.ts";
import { testApi, tokens } from "../support/digitalocean.ts";

test("the provider's own Go client lives through every kind of resource", async () => {
    await using api = await testApi({ limits: { keyListsPerMinute: 1000 } });
    const cwd = join(import.meta.dirname, "../conformance/godo");
    const run = await execa(await goFor(cwd), ["test", "-count=1", "./..."], {
        cwd,
        env: { API_URL: api.url, API_TOKEN: tokens.token, FAILOVER_TOKEN: tokens.failoverToken },
        reject: false,
        all: true,
    });
    expect(run.exitCode, run.all).toBe(0);
    // Nothing that the tests made is left, but for the default VPC.
    expect(api.machines.hosts.size).toBe(0);
    expect(api.machines.networks.size).toBe(1);
    expect([...api.machines.routes.values()].filter((holder) => holder !== undefined)).toEqual([]);
    expect(api.log).toEqual([
        "NOT IN THE LOCAL CLOUD: GET /v2/volumes",
        "NOT IN THE LOCAL CLOUD: GET /v2/load_balancers",
    ]);
});
