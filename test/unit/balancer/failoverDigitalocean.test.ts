import { expect, test } from "vitest";
import { ADDRESS, failoverHost } from "../../support/failoverHost.ts";

/** As the cloud has it: an action assigns the address, from whoever has it; it is done when it is looked at. */
const host = (conf = "CLOUD=digitalocean\n") =>
    failoverHost(
        `${conf}DROPLET_ID=1\n`,
        ({ method, url }) => `${method} ${url}`.replace(`/v2/reserved_ips/${ADDRESS}`, "").trim(),
        (api, call, body, isDone) => {
            if (call === "POST /actions") {
                if (isDone) api.holder = String(body.droplet_id);
                return { status: 201, body: { action: { id: 7 } } };
            }
            if (call === "GET /actions/7") return { status: 200, body: { action: { status: "completed" } } };
            const droplet = api.holder ? { id: Number(api.holder), name: "lb-1" } : null;
            return { status: 200, body: { reserved_ip: { droplet } } };
        },
    );

test.each([
    ["named", "CLOUD=digitalocean\n"],
    ["as conf files had it that named none", ""],
])("a new master asks for the address, and follows the action: its cloud is %s", async (_, conf) => {
    const { api, run, calls, carriedOn, has } = await host(conf);
    api.holder = "2";
    const { exitCode, all } = await run("assign");
    expect(exitCode).toBe(0);
    expect(calls()).toEqual(["POST /actions", "GET /actions/7", "GET"]);
    expect(all).toMatch(/203\.0\.113\.200 asked for by droplet 1 after \d+ ms/);
    expect(all).toMatch(/203\.0\.113\.200 is with droplet 1 after \d+ ms/);
    expect(has("held")).toBe(true);
    // Its traffic comes to the anchor, which no program sets up.
    expect(carriedOn()).toBeUndefined();
});

test("an action that is not found is as good as one that ended: the address decides", async () => {
    const { api, run, calls } = await host();
    api.odd = { "GET /actions/7": [{ status: 404 }] };
    await run("assign");
    expect(calls()).toEqual(["POST /actions", "GET /actions/7", "GET"]);
});

test("a refusal that passes is tried again soon, one that lasts later", async () => {
    const { api, run, kill } = await host();
    api.odd = { "POST /actions": [{ status: 422, says: "has a pending event" }, { status: 400 }] };
    const running = run("assign");
    let said = "";
    running.all!.on("data", (part) => {
        said += part;
    });
    await expect.poll(() => said, { timeout: 20_000 }).toMatch("retrying within 10000 ms");
    expect(said).toMatch("assign: HTTP 422 has a pending event; retrying within 250 ms");
    await kill(running);
});

test("a newer notification replaces one that waits for the API, at once", async () => {
    const { api, run, kill } = await host();
    api.odd = { "POST /actions": [{ hangs: true, status: 500 }] };
    const first = run("assign");
    await expect.poll(() => api.calls.length, { timeout: 20_000 }).toBe(1);
    const began = Date.now();
    await run("assign");
    // Less than the ten seconds that the first one's call may take.
    expect(Date.now() - began).toBeLessThan(8000);
    await kill(first);
    expect((await first).signal).toBe("SIGTERM");
    expect(api.holder).toBe("1");
});

test("of who is not master nothing is asked", async () => {
    const { api, run, calls, beMaster } = await host();
    beMaster(false);
    api.holder = "1";
    await run("reconcile");
    expect(calls()).toEqual([]);
});

test("a conf that lacks what the cloud's part needs is told", async () => {
    const vultr = await host("CLOUD=vultr\n");
    expect((await vultr.run("holder")).all).toMatch("INSTANCE_ID is missing in ");
    const none = await host("CLOUD=nowhere\n");
    expect((await none.run("holder")).all).toMatch(/cannot read .*failover_nowhere\.bash/);
});
