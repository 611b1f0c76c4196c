import { expect, test } from "vitest";
import { testApi } from "../../support/digitalocean.ts";

test("a slow API answers late", async () => {
    await using api = await testApi();
    await api.call("POST", "/_local/faults", { latencyMs: 150 });
    const start = performance.now();
    expect((await api.call("GET", "/v2/regions")).status).toBe(200);
    expect(performance.now() - start).toBeGreaterThan(140);
    await api.call("DELETE", "/_local/faults");
    expect((await api.call("GET", "/_local/faults")).body).toEqual({ faults: [] });
});

test("a slow move of an address takes its time; it is not made before, and droplets wait for it", async () => {
    await using api = await testApi();
    const { id } = await api.droplet();
    const { ip } = (await api.call("POST", "/v2/reserved_ips", { region: "fra1" })).body.reserved_ip;
    await api.call("POST", "/_local/faults", { actionMs: 300 });
    const start = performance.now();
    const path = `/v2/reserved_ips/${ip}`;
    await api.call("POST", `${path}/actions`, { type: "assign", droplet_id: id });
    expect((await api.call("GET", path)).body.reserved_ip.droplet).toBeNull();
    await api.until(path, ({ body }) => body.reserved_ip.droplet?.id === id);
    expect(performance.now() - start).toBeGreaterThan(290);
});

test("a failing API fails where it was told to, without doing what was asked", async () => {
    await using api = await testApi();
    const error = { status: 503, methods: ["post"], path: "/v2/tags" };
    const { body } = await api.call("POST", "/_local/faults", { error });
    expect((await api.call("POST", "/v2/tags", { name: "a" })).status).toBe(503);
    expect((await api.call("POST", "/v2/domains", { name: "example.org" })).status).toBe(201);
    expect((await api.call("GET", "/v2/tags")).body.tags).toEqual([]);
    await api.call("DELETE", `/_local/faults/${body.fault.id}`);
    expect((await api.call("POST", "/v2/tags", { name: "a" })).status).toBe(201);
});

test("a refusal reads as the provider's own", async () => {
    await using api = await testApi();
    await api.call("POST", "/_local/faults", { error: { status: 403, path: "/v2/tags" } });
    const { status, body } = await api.call("GET", "/v2/tags");
    expect(status).toBe(403);
    expect(body).toMatchObject({
        id: "forbidden",
        message: "You are not authorized to perform this operation",
    });
});

test("a fault ends at its time", async () => {
    await using api = await testApi();
    await api.call("POST", "/_local/faults", {
        error: { status: 500 },
        until: new Date(Date.now() + 100).toISOString(),
    });
    expect((await api.call("GET", "/v2/regions")).status).toBe(500);
    await api.until("/v2/regions", ({ status }) => status === 200);
});

test("pending events keep droplets busy, and show in their actions", async () => {
    await using api = await testApi();
    const { id } = await api.droplet();
    const { ip } = (await api.call("POST", "/v2/reserved_ips", { region: "fra1" })).body.reserved_ip;
    await api.call("POST", "/_local/faults", { pendingEvents: 60 });
    const assign = () =>
        api.call("POST", `/v2/reserved_ips/${ip}/actions`, { type: "assign", droplet_id: id });
    const refused = await assign();
    expect(refused.status).toBe(422);
    expect(refused.body.message).toBe("Droplet already has a pending event.");
    expect((await api.call("POST", `/v2/droplets/${id}/actions`, { type: "reboot" })).status).toBe(422);
    const latest = () => `/v2/droplets/${id}/actions`;
    expect((await api.call("GET", latest())).body.actions[0].status).toBe("in-progress");
    await api.call("DELETE", "/_local/faults");
    await api.until(latest(), ({ body }) => body.actions[0].status === "completed");
    expect((await assign()).status).toBe(201);
});

test("a host that goes off while its droplet is busy is seen to be off", async () => {
    await using api = await testApi();
    const { id } = await api.droplet();
    await api.call("POST", "/_local/faults", { pendingEvents: 60 });
    api.machines.setPower(id, "off");
    expect((await api.call("GET", `/v2/droplets/${id}`)).body.droplet.status).toBe("off");
});

test.each([
    [{ latencyMs: "slow" }],
    [{ actionMs: "slow" }],
    [{ error: { status: 200 } }],
    [{ until: "tomorrow" }],
    [{ pendingEvents: true }],
])("%j is no fault", async (fault) => {
    await using api = await testApi();
    expect((await api.call("POST", "/_local/faults", fault)).status).toBe(422);
});

test("requests are counted by route, status and token", async () => {
    await using api = await testApi();
    await api.call("GET", "/v2/droplets/1");
    await api.call("GET", "/v2/droplets/2");
    await api.call("GET", "/v2/volumes");
    await api.call("GET", "/v2/regions", undefined, "wrong");
    expect((await api.call("GET", "/_local/requests")).body).toEqual({
        total: 4,
        byRoute: { "GET /v2/droplets/:id": 2, "GET unknown": 1, "GET /v2/regions": 1 },
        byStatus: { 404: 3, 401: 1 },
        byCaller: { full: 3, unknown: 1 },
    });
    await api.call("DELETE", "/_local/requests");
    expect((await api.call("GET", "/_local/requests")).body.total).toBe(0);
});
