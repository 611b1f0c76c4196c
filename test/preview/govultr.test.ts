import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { AUTHORITY_FILE } from "../../local/authority/file.ts";
import { goFor } from "../../tools/engine/go.ts";
import { type TestVultr, testVultr, vultrKey } from "../support/vultr.ts";

const cwd = join(import.meta.dirname, "../conformance/govultr");

async function expectConformance(api: TestVultr, env: Record<string, string>): Promise<void> {
    const run = await execa(await goFor(cwd), ["test", "-count=1", "./..."], {
        cwd,
        env: { API_KEY: vultrKey, ...env },
        reject: false,
        all: true,
    });
    expect(run.exitCode, run.all).toBe(0);
    // Nothing that the tests made is left.
    await expect.poll(() => api.machines.hosts.size).toBe(0);
    expect(api.machines.networks.size).toBe(0);
    expect([...api.machines.routes.values()].filter((holder) => holder !== undefined)).toEqual([]);
    expect(api.log).toEqual(["NOT IN THE LOCAL CLOUD: GET /v2/blocks"]);
}

test("the provider's own Go client lives through every kind of resource", async () => {
    await using api = await testVultr();
    await expectConformance(api, { API_URL: api.url });
});

test("and does so by the provider's own address, as its official plugin does", async () => {
    await using api = await testVultr();
    await expectConformance(api, {
        HTTPS_PROXY: api.proxyUrl,
        NO_PROXY: "127.0.0.1,localhost",
        SSL_CERT_FILE: join(api.stateDir, AUTHORITY_FILE),
    });
});
