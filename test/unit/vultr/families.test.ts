import { expect, test } from "vitest";
import { type Json, testVultr } from "../../support/vultr.ts";

test("what there is to choose from", async () => {
    await using api = await testVultr();
    const list = async (name: string) => (await api.call("GET", `/v2/${name}`)).body[name];
    const byId = (items: Json[], id: unknown) => items.find((item) => item.id === id);
    expect(byId(await list("regions"), "fra")).toMatchObject({ country: "DE", continent: "Europe" });
    const plan = { vcpu_count: 1, ram: 1024, disk: 25, monthly_cost: 5, type: "vc2" };
    expect(byId(await list("plans"), "vc2-1c-1gb")).toMatchObject({
        ...plan,
        locations: expect.arrayContaining(["fra"]),
    });
    expect(await list("os")).toEqual([
        { id: 2136, name: "Debian 12 x64 (bookworm)", arch: "x64", family: "debian" },
    ]);
    const available = await api.call("GET", "/v2/regions/fra/availability");
    expect(available.body.available_plans).toContain("vc2-1c-1gb");
    expect((await api.call("GET", "/v2/regions/fra1/availability")).body).toEqual({
        error: "Invalid region.",
        status: 400,
    });
});

test("a VPC has the subnet that was asked for, or one that no other has", async () => {
    await using api = await testVultr();
    const create = (more: object) => api.call("POST", "/v2/vpcs", { region: "fra", ...more });
    const { status, body } = await create({ description: "v", v4_subnet: "10.20.0.0", v4_subnet_mask: 24 });
    expect(status).toBe(201);
    expect(api.machines.networks.get(body.vpc.id)).toEqual({ id: body.vpc.id, ipRange: "10.20.0.0/24" });
    const [first, second] = [(await create({})).body.vpc, (await create({})).body.vpc];
    expect(first.v4_subnet).not.toBe(second.v4_subnet);
    expect(first.v4_subnet_mask).toBe(20);
    for (const wrong of [
        { v4_subnet: "10.20.0.1", v4_subnet_mask: 24 },
        { v4_subnet: "192.0.2.0", v4_subnet_mask: 24 },
        { v4_subnet: "10.20.0.0" },
        { region: "fra1" },
    ]) {
        expect((await create(wrong)).status, JSON.stringify(wrong)).toBe(400);
    }
    await api.call("PUT", `/v2/vpcs/${first.id}`, { description: "other" });
    expect((await api.call("GET", `/v2/vpcs/${first.id}`)).body.vpc.description).toBe("other");
    expect((await create({})).status).toBe(201);
    expect((await create({})).status).toBe(201);
    expect((await create({})).body.error).toBe("You may have 5 VPC networks in a region");
});

test("keys and scripts change, and go", async () => {
    await using api = await testVultr();
    const publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFppV1smx5OYORvOLkJ2j8KpRPaBx9bp4589024UeNxb";
    expect((await api.call("POST", "/v2/ssh-keys", { name: "k", ssh_key: "nonsense" })).status).toBe(400);
    const key = (await api.call("POST", "/v2/ssh-keys", { name: "k", ssh_key: publicKey })).body.ssh_key;
    expect((await api.call("PATCH", `/v2/ssh-keys/${key.id}`, { name: "other" })).status).toBe(204);
    expect((await api.call("GET", `/v2/ssh-keys/${key.id}`)).body.ssh_key).toEqual({ ...key, name: "other" });
    expect((await api.call("DELETE", `/v2/ssh-keys/${key.id}`)).status).toBe(204);
    expect((await api.call("GET", `/v2/ssh-keys/${key.id}`)).status).toBe(404);

    expect((await api.call("POST", "/v2/startup-scripts", { name: "s", script: "#!/bin/sh" })).status).toBe(
        400,
    );
    const wanted = { name: "s", script: Buffer.from("#!/bin/sh\n").toString("base64") };
    const { startup_script: script } = (await api.call("POST", "/v2/startup-scripts", wanted)).body;
    await api.call("PATCH", `/v2/startup-scripts/${script.id}`, { name: "t" });
    const [listed] = (await api.call("GET", "/v2/startup-scripts")).body.startup_scripts;
    expect(listed).toMatchObject({ id: script.id, name: "t", type: "boot" });
    expect(listed).not.toHaveProperty("script");
    await api.call("DELETE", `/v2/startup-scripts/${script.id}`);
    expect((await api.call("GET", "/v2/startup-scripts")).body.meta.total).toBe(0);
});

test("a domain has its name servers, and records that change one by one", async () => {
    await using api = await testVultr();
    const created = await api.call("POST", "/v2/domains", { domain: "Example.org", ip: "192.0.2.1" });
    expect(created.body.domain).toMatchObject({ domain: "example.org", dns_sec: "disabled" });
    expect((await api.call("POST", "/v2/domains", { domain: "example.org" })).status).toBe(400);
    const path = "/v2/domains/example.org/records";
    const values = async () =>
        (await api.call("GET", path)).body.records.map(({ type, name, data }: Json) => [type, name, data]);
    const first = [
        ["NS", "", "ns1.vultr.com"],
        ["NS", "", "ns2.vultr.com"],
        ["A", "", "192.0.2.1"],
    ];
    expect(await values()).toEqual(first);
    const { status, body } = await api.call("POST", path, {
        type: "A",
        name: "www",
        data: "192.0.2.2",
        ttl: 600,
    });
    expect(status).toBe(201);
    expect(body.record).toMatchObject({ type: "A", name: "www", data: "192.0.2.2", ttl: 600, priority: 0 });
    const own = `${path}/${body.record.id}`;
    expect((await api.call("PATCH", own, { data: "192.0.2.3" })).status).toBe(204);
    expect((await api.call("GET", own)).body.record).toEqual({ ...body.record, data: "192.0.2.3" });
    expect((await api.call("PATCH", own, { data: "nonsense" })).status).toBe(400);
    await api.call("DELETE", own);
    expect((await api.call("GET", own)).body.error).toBe("Invalid record ID");
    expect(await values()).toEqual(first);
});

test("backups are scheduled", async () => {
    await using api = await testVultr();
    const { id } = await api.instance();
    const path = `/v2/instances/${id}/backup-schedule`;
    expect((await api.call("GET", path)).body).toEqual({ backup_schedule: { enabled: false } });
    await api.call("POST", path, { type: "weekly", hour: 3, dow: 2 });
    expect((await api.call("GET", path)).body.backup_schedule).toMatchObject({
        enabled: true,
        type: "weekly",
        hour: 3,
        dow: 2,
    });
});
