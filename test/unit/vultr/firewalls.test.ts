import { expect, test } from "vitest";
import { gate, type Json, settings, type TestVultr, testVultr } from "../../support/vultr.ts";

async function group(api: TestVultr, ...rules: object[]): Promise<string> {
    const { id } = (await api.call("POST", "/v2/firewalls", { description: "g" })).body.firewall_group;
    for (const rule of rules) expect((await add(api, id, rule)).status).toBe(201);
    return id;
}

const anywhere = { ip_type: "v4", subnet: "0.0.0.0", subnet_size: 0 };
const add = (api: TestVultr, id: string, rule: object) =>
    api.call("POST", `/v2/firewalls/${id}/rules`, { ...anywhere, ...rule });
const firewallOf = (api: TestVultr, instance: Json) => api.hostOf(instance)!.firewall;

test.each([
    [
        { protocol: "tcp", port: "22" },
        { protocol: "tcp", ports: "22", peers: ["0.0.0.0/0"] },
    ],
    [
        { protocol: "udp", port: "8000:9000" },
        { protocol: "udp", ports: "8000-9000", peers: ["0.0.0.0/0"] },
    ],
    [
        { protocol: "tcp", port: "1:65535" },
        { protocol: "tcp", ports: "all", peers: ["0.0.0.0/0"] },
    ],
    [{ protocol: "ICMP" }, { protocol: "icmp", ports: "all", peers: ["0.0.0.0/0"] }],
    [{ protocol: "gre" }, { protocol: "gre", ports: "all", peers: ["0.0.0.0/0"] }],
    [
        { protocol: "tcp", port: "80", subnet: "192.0.2.0", subnet_size: 24 },
        { protocol: "tcp", ports: "80", peers: ["192.0.2.0/24"] },
    ],
])("the rule %j", async (rule, inbound) => {
    await using api = await testVultr();
    const instance = await api.instance({ firewall_group_id: await group(api, rule) });
    expect(firewallOf(api, instance)).toEqual({ publicInboundOnly: true, inbound: [inbound], outbound: [] });
});

test("a group without rules lets nobody in, and IPv6 rules let nobody else in", async () => {
    await using api = await testVultr();
    const six = { ip_type: "v6", subnet: "::", subnet_size: 0, protocol: "tcp", port: "22" };
    const [none, other] = [await group(api), await group(api, six)];
    const first = await api.instance({ firewall_group_id: none });
    const second = await api.instance({ firewall_group_id: other });
    for (const instance of [first, second]) expect(firewallOf(api, instance)).toMatchObject({ inbound: [] });
});

test("rules and groups reach the hosts that are there as they come and go", async () => {
    await using api = await testVultr();
    const instance = await api.instance();
    const id = await group(api, { protocol: "tcp", port: "22" });
    expect(firewallOf(api, instance)).toBeUndefined();
    const join = (firewall_group_id: string) =>
        api.call("PATCH", `/v2/instances/${instance.id}`, { firewall_group_id });
    expect((await join(id)).status).toBe(202);
    expect(firewallOf(api, instance)!.inbound).toHaveLength(1);
    const { body } = await add(api, id, { protocol: "tcp", port: "80", notes: "web" });
    expect(firewallOf(api, instance)!.inbound).toHaveLength(2);
    expect((await api.call("GET", `/v2/firewalls/${id}`)).body.firewall_group).toMatchObject({
        instance_count: 1,
        rule_count: 2,
    });
    expect(body.firewall_rule).toMatchObject({ id: 2, port: "80", notes: "web", action: "accept" });
    await api.call("DELETE", `/v2/firewalls/${id}/rules/2`);
    expect(firewallOf(api, instance)!.inbound).toHaveLength(1);
    // A number is not given out again.
    expect((await add(api, id, { protocol: "tcp", port: "81" })).body.firewall_rule.id).toBe(3);

    expect((await api.call("DELETE", `/v2/firewalls/${id}`)).status).toBe(400);
    await join("");
    expect(firewallOf(api, instance)).toBeUndefined();
    expect((await api.call("DELETE", `/v2/firewalls/${id}`)).status).toBe(204);
});

test("an instance that is born into a group has its rules before it is active", async () => {
    await using api = await testVultr();
    const id = await group(api, { protocol: "tcp", port: "22" });
    const [created, set] = [gate(), gate()];
    api.machines.before = (call) =>
        call.startsWith("createHost")
            ? created.passed
            : call.startsWith("setFirewall")
              ? set.passed
              : undefined;
    const { instance } = (await api.call("POST", "/v2/instances", { ...settings, firewall_group_id: id }))
        .body;
    // Its installation holds up nobody.
    const start = performance.now();
    await add(api, id, { protocol: "tcp", port: "80" });
    expect(performance.now() - start).toBeLessThan(1000);
    created.open();
    await expect.poll(() => api.machines.calls).toContain("setFirewall 1001");
    const path = `/v2/instances/${instance.id}`;
    expect((await api.call("GET", path)).body.instance.status).toBe("pending");
    set.open();
    await api.until(path, ({ body }) => body.instance.status === "active");
    expect(firewallOf(api, instance)!.inbound).toHaveLength(2);
});

test.each([
    [{ protocol: "vrrp" }, "Invalid protocol"],
    [{ protocol: "tcp" }, "Invalid port"],
    [{ protocol: "tcp", port: "80-90" }, "Invalid port"],
    [{ protocol: "tcp", port: "90:80" }, "Invalid port"],
    [{ protocol: "icmp", subnet: "::" }, "Invalid subnet"],
    [{ protocol: "icmp", subnet_size: 33 }, "Invalid subnet"],
    [{ protocol: "icmp", ip_type: "v5" }, "Invalid IP type"],
])("the rule %j is refused", async (rule, error) => {
    await using api = await testVultr();
    const { status, body } = await add(api, await group(api), rule);
    expect([status, body.error]).toEqual([400, error]);
});

test("a group takes fifty rules", async () => {
    await using api = await testVultr();
    const ports = Array.from({ length: 50 }, (_, index) => ({ protocol: "tcp", port: `${index + 1}` }));
    const id = await group(api, ...ports);
    expect((await add(api, id, { protocol: "tcp", port: "51" })).status).toBe(400);
});
