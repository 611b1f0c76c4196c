import { expect, test } from "vitest";
import { gate, type Json, type TestVultr, testVultr } from "../../support/vultr.ts";

async function reserved(api: TestVultr, more: object = {}): Promise<Json> {
    const wanted = { region: "fra", ip_type: "v4", label: "ip", ...more };
    const { status, body } = await api.call("POST", "/v2/reserved-ips", wanted);
    expect(status, JSON.stringify(body)).toBe(201);
    return body.reserved_ip;
}

const holderOf = async (api: TestVultr, { id }: Json) =>
    (await api.call("GET", `/v2/reserved-ips/${id}`)).body.reserved_ip.instance_id;
const attach = (api: TestVultr, { id }: Json, instance: Json) =>
    api.call("POST", `/v2/reserved-ips/${id}/attach`, { instance_id: instance.id });
const detach = (api: TestVultr, { id }: Json) => api.call("POST", `/v2/reserved-ips/${id}/detach`);

test("a move is detach, then attach; between them nobody has the address", async () => {
    await using api = await testVultr();
    const [first, second] = [await api.instance(), await api.instance()];
    const ip = await reserved(api, { instance_id: first.id });
    expect(ip).toMatchObject({ subnet: "203.0.113.34", subnet_size: 32, instance_id: first.id });
    const hostOf = (instance: Json) => api.hostOf(instance)!.spec.id;
    expect(api.machines.routes.get(ip.subnet)).toBe(hostOf(first));
    // The official provider attaches what it created attached.
    expect((await attach(api, ip, first)).status).toBe(204);

    const refused = await attach(api, ip, second);
    expect([refused.status, refused.body.error]).toEqual([
        400,
        "Floating IPv4 address is already attached to another server",
    ]);
    expect(api.machines.routes.get(ip.subnet)).toBe(hostOf(first));

    expect((await detach(api, ip)).status).toBe(204);
    expect(await holderOf(api, ip)).toBe("");
    expect(api.machines.routes.get(ip.subnet)).toBeUndefined();
    expect((await detach(api, ip)).status).toBe(400);

    expect((await attach(api, ip, second)).status).toBe(204);
    expect(await holderOf(api, ip)).toBe(second.id);
    expect(api.machines.routes.get(ip.subnet)).toBe(hostOf(second));
});

test("where actions are slow, an address that is being detached is still attached for others", async () => {
    await using api = await testVultr();
    const [first, second] = [await api.instance(), await api.instance()];
    const ip = await reserved(api, { instance_id: first.id });
    await api.call("POST", "/_local/faults", { actionMs: 200 });
    const start = performance.now();
    expect((await detach(api, ip)).status).toBe(204);
    expect(performance.now() - start).toBeLessThan(150);
    expect(await holderOf(api, ip)).toBe(first.id);
    expect((await attach(api, ip, second)).body.error).toMatch("already attached to another server");
    expect((await attach(api, ip, first)).body.error).toMatch("still being attached or detached");
    await expect.poll(() => holderOf(api, ip)).toBe("");
    expect(performance.now() - start).toBeGreaterThan(190);
    expect((await attach(api, ip, second)).status).toBe(204);
    await expect.poll(() => holderOf(api, ip)).toBe(second.id);
});

test("a move that the machines refuse leaves the address where it was, and can be tried again", async () => {
    await using api = await testVultr();
    const instance = await api.instance();
    const ip = await reserved(api);
    api.machines.before = (call) => {
        if (call.startsWith("routeReservedIp")) throw new Error("no route");
    };
    expect((await attach(api, ip, instance)).status).toBe(500);
    expect(await holderOf(api, ip)).toBe("");
    api.machines.before = () => {};
    expect((await attach(api, ip, instance)).status).toBe(204);
});

test("an instance may have several addresses, and leaves them with the account when it goes", async () => {
    await using api = await testVultr();
    const instance = await api.instance();
    const [one, other] = [await reserved(api), await reserved(api)];
    expect(other.subnet).not.toBe(one.subnet);
    for (const ip of [one, other]) expect((await attach(api, ip, instance)).status).toBe(204);
    const { body } = await api.call("GET", `/v2/instances/${instance.id}/ipv4`);
    expect(body.ipv4s.map(({ ip, type }: Json) => [ip, type])).toEqual([
        [instance.main_ip, "main_ip"],
        [one.subnet, "secondary_ip"],
        [other.subnet, "secondary_ip"],
    ]);
    await api.call("DELETE", `/v2/instances/${instance.id}`);
    await expect.poll(() => holderOf(api, one)).toBe("");
    await expect.poll(() => api.machines.routes.get(other.subnet)).toBeUndefined();
});

test("labels change; an address that is deleted goes nowhere, and is free again", async () => {
    await using api = await testVultr();
    const instance = await api.instance();
    const ip = await reserved(api, { instance_id: instance.id });
    const { body } = await api.call("PATCH", `/v2/reserved-ips/${ip.id}`, { label: "other" });
    expect(body.reserved_ip).toEqual({ ...ip, label: "other" });
    expect((await api.call("DELETE", `/v2/reserved-ips/${ip.id}`)).status).toBe(204);
    expect(api.machines.routes.get(ip.subnet)).toBeUndefined();
    expect((await api.call("GET", "/v2/reserved-ips")).body.reserved_ips).toEqual([]);
    expect((await reserved(api)).subnet).toBe(ip.subnet);
});

test("only a server of its region that is there can have it", async () => {
    await using api = await testVultr();
    const ip = await reserved(api);
    const far = await api.instance({ region: "ams" });
    expect((await attach(api, ip, far)).body.error).toMatch("same region");
    expect((await attach(api, ip, { id: "x" })).body.error).toBe("invalid instance ID");
    const boot = gate();
    api.machines.before = (call) => (call.startsWith("createHost") ? boot.passed : undefined);
    const young = await api.call("POST", "/v2/instances", { region: "fra", plan: "vc2-1c-1gb", os_id: 2136 });
    expect((await attach(api, ip, young.body.instance)).body.error).toMatch("still being installed");
    boot.open();
    const six = await api.call("POST", "/v2/reserved-ips", { region: "fra", ip_type: "v6" });
    expect(six.status).toBe(400);
});
