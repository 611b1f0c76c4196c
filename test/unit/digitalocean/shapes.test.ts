import { expect, test } from "vitest";
import { gate, type Json, testApi } from "../../support/digitalocean.ts";

/** Values that the official provider reads without asking whether they are there. */
const neverNull = {
    droplet: ["region", "size", "networks", "image"],
    reserved_ip: ["region"],
    tag: ["droplets", "images", "volumes", "volume_snapshots", "databases"],
};

function expectObjects(value: Json, names: string[]): void {
    for (const name of names) {
        expect(value[name], name).toBeTypeOf("object");
        expect(value[name], name).not.toBeNull();
    }
}

test("a droplet has its region, size and networks from birth to end", async () => {
    await using api = await testApi();
    const boot = gate();
    api.machines.before = (call) => (call.startsWith("createHost") ? boot.passed : undefined);
    const wanted = {
        name: "a",
        region: "fra1",
        size: "s-1vcpu-1gb",
        image: "debian-12-x64",
        tags: null,
        ssh_keys: null,
    };
    const created = (await api.call("POST", "/v2/droplets", wanted)).body.droplet;
    const path = `/v2/droplets/${created.id}`;
    expectObjects(created, neverNull.droplet);
    const young = (await api.call("GET", path)).body.droplet;
    expect(young).toMatchObject({ status: "new", locked: true });
    expectObjects(young, neverNull.droplet);
    boot.open();
    const grown = (await api.until(path, ({ body }) => body.droplet.status !== "new")).body.droplet;
    expect(grown).toMatchObject({ status: "active", locked: false, vpc_uuid: expect.any(String) });
    expectObjects(grown, neverNull.droplet);

    const end = gate();
    api.machines.before = (call) => (call.startsWith("destroyHost") ? end.passed : undefined);
    expect((await api.call("DELETE", path)).status).toBe(204);
    expectObjects((await api.call("GET", path)).body.droplet, neverNull.droplet);
    end.open();
    await api.until(path, ({ status }) => status === 404);
});

test("a reserved IP has its region, held or not", async () => {
    await using api = await testApi();
    const free = (await api.call("POST", "/v2/reserved_ips", { region: "fra1" })).body.reserved_ip;
    expectObjects(free, neverNull.reserved_ip);
    expect(free.droplet).toBeNull();
    const { id } = await api.droplet();
    const path = `/v2/reserved_ips/${free.ip}`;
    await api.call("POST", `${path}/actions`, { type: "assign", droplet_id: id });
    const { body } = await api.until(path, (answer) => answer.body.reserved_ip.droplet !== null);
    expectObjects(body.reserved_ip, neverNull.reserved_ip);
    expectObjects(body.reserved_ip.droplet, neverNull.droplet);
});

test("a tag counts every kind of resource", async () => {
    await using api = await testApi();
    const created = await api.call("POST", "/v2/tags", { name: "web" });
    expectObjects(created.body.tag.resources, neverNull.tag);
    await api.droplet({ tags: ["web"] });
    const { resources } = (await api.call("GET", "/v2/tags/web")).body.tag;
    expectObjects(resources, neverNull.tag);
    expect(resources).toMatchObject({ count: 1, droplets: { count: 1 }, databases: { count: 0 } });
});

test("a firewall's rules have sources and destinations, and its lists are never null", async () => {
    await using api = await testApi();
    const rules = {
        inbound_rules: [{ protocol: "icmp", sources: { addresses: ["0.0.0.0/0"] } }],
        outbound_rules: [{ protocol: "tcp", ports: "all", destinations: { addresses: ["::/0"] } }],
    };
    const wanted = { name: "a", ...rules, droplet_ids: null, tags: null };
    const { id } = (await api.call("POST", "/v2/firewalls", wanted)).body.firewall;
    const { firewall } = (await api.call("GET", `/v2/firewalls/${id}`)).body;
    expect(firewall).toMatchObject({
        inbound_rules: [{ protocol: "icmp", ports: "0", sources: { addresses: ["0.0.0.0/0"] } }],
        outbound_rules: [{ protocol: "tcp", ports: "0", destinations: { addresses: ["::/0"] } }],
        droplet_ids: [],
        tags: [],
        pending_changes: [],
    });
    const missing = { name: "b", inbound_rules: [{ protocol: "tcp", ports: "1", sources: null }] };
    expect((await api.call("POST", "/v2/firewalls", missing)).status).toBe(422);
});

test("a domain record's numbers are numbers, also where they were null", async () => {
    await using api = await testApi();
    await api.call("POST", "/v2/domains", { name: "example.org" });
    const wanted = {
        type: "A",
        name: "www",
        data: "192.0.2.1",
        priority: null,
        port: null,
        weight: null,
        ttl: null,
    };
    const { body } = await api.call("POST", "/v2/domains/example.org/records", wanted);
    expect(body.domain_record).toMatchObject({ priority: 0, port: 0, weight: 0, flags: 0, ttl: 1800 });
});
