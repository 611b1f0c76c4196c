import { expect, test } from "vitest";
import { gate, type Json, type TestApi, testApi } from "../../support/digitalocean.ts";

const from = (sources: object, ports = "80") => ({ protocol: "tcp", ports, sources });
const anywhere = { addresses: ["0.0.0.0/0"] };

async function firewall(api: TestApi, name: string, settings: object): Promise<string> {
    const { status, body } = await api.call("POST", "/v2/firewalls", { name, ...settings });
    expect(status, JSON.stringify(body)).toBe(202);
    return body.firewall.id;
}

const firewallOf = (api: TestApi, droplet: Json) => api.machines.hosts.get(droplet.id)?.firewall;
const inboundOf = (api: TestApi, droplet: Json) => firewallOf(api, droplet)?.inbound;
const addressesOf = (droplet: Json): string[] =>
    droplet.networks.v4.map((network: Json) => network.ip_address).toReversed();

test.each([
    [
        "addresses pass as they are",
        from({ addresses: ["192.0.2.1", "10.0.0.0/8"] }),
        ["192.0.2.1", "10.0.0.0/8"],
        "80",
    ],
    ["IPv6 is left out", from({ addresses: ["0.0.0.0/0", "::/0"] }), ["0.0.0.0/0"], "80"],
    ["a range of ports stays one", from(anywhere, "8000-9000"), ["0.0.0.0/0"], "8000-9000"],
    ["all ports by name", from(anywhere, "all"), ["0.0.0.0/0"], "all"],
    ["all ports by zero", from(anywhere, "0"), ["0.0.0.0/0"], "all"],
    ["all ports by range", from(anywhere, "1-65535"), ["0.0.0.0/0"], "all"],
])("%s", async (_label, rule, peers, ports) => {
    await using api = await testApi();
    const droplet = await api.droplet();
    await firewall(api, "a", { inbound_rules: [rule], droplet_ids: [droplet.id] });
    expect(firewallOf(api, droplet)).toEqual({ inbound: [{ protocol: "tcp", ports, peers }], outbound: [] });
});

test("without a firewall a host has none; the last one's end opens it again", async () => {
    await using api = await testApi();
    const droplet = await api.droplet();
    expect(firewallOf(api, droplet)).toBeUndefined();
    const id = await firewall(api, "a", { inbound_rules: [from(anywhere)], droplet_ids: [droplet.id] });
    expect(firewallOf(api, droplet)).toBeDefined();
    await api.call("DELETE", `/v2/firewalls/${id}`);
    expect(firewallOf(api, droplet)).toBeUndefined();
});

test("a tag stands for the addresses of its droplets, as they come, change and go", async () => {
    await using api = await testApi();
    const [first, database] = [await api.droplet({ tags: ["web"] }), await api.droplet({ tags: ["db"] })];
    await firewall(api, "db", { inbound_rules: [from({ tags: ["web"] }, "3306")], tags: ["db"] });
    expect(inboundOf(api, database)![0]!.peers).toEqual(addressesOf(first));
    const second = await api.droplet({ tags: ["web"] });
    await expect
        .poll(() => inboundOf(api, database)![0]!.peers)
        .toEqual([...addressesOf(first), ...addressesOf(second)]);

    const resources = [{ resource_id: String(first.id), resource_type: "droplet" }];
    await api.call("DELETE", "/v2/tags/web/resources", { resources });
    expect(inboundOf(api, database)![0]!.peers).toEqual(addressesOf(second));
    await api.call("DELETE", `/v2/droplets/${second.id}`);
    await api.until(`/v2/droplets/${second.id}`, ({ status }) => status === 404);
    // A rule that nobody matches lets nobody in.
    expect(firewallOf(api, database)).toEqual({ inbound: [], outbound: [] });
    expect(firewallOf(api, first)).toBeUndefined();
    await api.call("POST", "/v2/tags/db/resources", { resources });
    expect(firewallOf(api, first)).toEqual({ inbound: [], outbound: [] });
    await api.call("DELETE", "/v2/tags/db");
    expect(firewallOf(api, first)).toBeUndefined();
});

test("several firewalls on one droplet add up", async () => {
    await using api = await testApi();
    const droplet = await api.droplet({ tags: ["web"] });
    await firewall(api, "ssh", { inbound_rules: [from(anywhere, "22")], tags: ["web"] });
    const outbound = [{ protocol: "icmp", destinations: anywhere }];
    const id = await firewall(api, "http", {
        inbound_rules: [from({ droplet_ids: [droplet.id] })],
        outbound_rules: outbound,
        droplet_ids: [droplet.id],
    });
    expect(firewallOf(api, droplet)).toEqual({
        inbound: [
            { protocol: "tcp", ports: "22", peers: ["0.0.0.0/0"] },
            { protocol: "tcp", ports: "80", peers: addressesOf(droplet) },
        ],
        outbound: [{ protocol: "icmp", ports: "all", peers: ["0.0.0.0/0"] }],
    });
    await api.call("DELETE", `/v2/firewalls/${id}/droplets`, { droplet_ids: [droplet.id] });
    expect(inboundOf(api, droplet)).toHaveLength(1);
    await api.call("POST", `/v2/firewalls/${id}/tags`, { tags: ["web"] });
    await api.call("POST", `/v2/firewalls/${id}/rules`, { inbound_rules: [from(anywhere, "443")] });
    expect(inboundOf(api, droplet)!.map(({ ports }) => ports)).toEqual(["22", "80", "443"]);
    await api.call("DELETE", `/v2/firewalls/${id}/rules`, { inbound_rules: [from(anywhere, "443")] });
    expect(inboundOf(api, droplet)!.map(({ ports }) => ports)).toEqual(["22", "80"]);
});

test("a droplet that is born with a firewall's tag has it before it is active", async () => {
    await using api = await testApi();
    await api.call("POST", "/v2/tags", { name: "web" });
    await firewall(api, "web", { inbound_rules: [from(anywhere)], tags: ["web"] });
    const set = gate();
    api.machines.before = (call) => (call.startsWith("setFirewall") ? set.passed : undefined);
    const settings = {
        name: "a",
        region: "fra1",
        size: "s-1vcpu-1gb",
        image: "debian-12-x64",
        tags: ["web"],
    };
    const { droplet } = (await api.call("POST", "/v2/droplets", settings)).body;
    await expect.poll(() => api.machines.calls).toContain(`setFirewall ${droplet.id}`);
    expect((await api.call("GET", `/v2/droplets/${droplet.id}`)).body.droplet).toMatchObject({
        locked: true,
    });
    set.open();
    await api.until(`/v2/droplets/${droplet.id}`, ({ body }) => !body.droplet.locked);
    expect(inboundOf(api, droplet)).toHaveLength(1);
});

test("only hosts whose rules changed are told", async () => {
    await using api = await testApi();
    const [first, second] = [await api.droplet(), await api.droplet()];
    await firewall(api, "a", { inbound_rules: [from(anywhere)], droplet_ids: [first.id, second.id] });
    api.machines.calls.length = 0;
    await firewall(api, "b", { inbound_rules: [from(anywhere, "81")], droplet_ids: [second.id] });
    expect(api.machines.calls).toEqual([`setFirewall ${second.id}`]);
});

test("a host that is busy holds up neither an answer nor other hosts, and shows as waiting", async () => {
    await using api = await testApi();
    const [busy, other] = [await api.droplet(), await api.droplet()];
    const done = gate();
    api.machines.before = (call) => (call === `setFirewall ${busy.id}` ? done.passed : undefined);
    const id = await firewall(api, "a", {
        inbound_rules: [from(anywhere)],
        droplet_ids: [busy.id, other.id],
    });
    expect(inboundOf(api, other)).toHaveLength(1);
    expect((await api.call("GET", `/v2/firewalls/${id}`)).body.firewall).toMatchObject({
        status: "waiting",
        pending_changes: [{ droplet_id: busy.id, removing: false, status: "waiting" }],
    });
    done.open();
    await api.until(`/v2/firewalls/${id}`, ({ body }) => body.firewall.status === "succeeded");
    expect(inboundOf(api, busy)).toHaveLength(1);
}, 15_000);

test("a firewall that could not be set says so, and is set again at the next change", async () => {
    await using api = await testApi();
    const droplet = await api.droplet();
    api.machines.before = (call) => {
        if (call.startsWith("setFirewall")) throw new Error("nft: no");
    };
    const id = await firewall(api, "a", { inbound_rules: [from(anywhere)], droplet_ids: [droplet.id] });
    const path = `/v2/firewalls/${id}`;
    expect((await api.call("GET", path)).body.firewall.status).toBe("failed");
    expect(api.log).toEqual([`firewall of droplet ${droplet.id} could not be set: nft: no`]);
    api.machines.before = () => {};
    await api.call("POST", "/v2/tags", { name: "any" });
    await api.call("DELETE", "/v2/tags/any");
    expect((await api.call("GET", path)).body.firewall.status).toBe("succeeded");
    expect(inboundOf(api, droplet)).toHaveLength(1);
});
