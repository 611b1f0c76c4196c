import { expect, test } from "vitest";
import { gate, testApi, tokens } from "../../support/digitalocean.ts";

const settings = { name: "a", region: "fra1", size: "s-1vcpu-1gb", image: "debian-12-x64" };

test("a host gets what the machines need to know", async () => {
    await using api = await testApi();
    const publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFppV1smx5OYORvOLkJ2j8KpRPaBx9bp4589024UeNxb";
    const key = (await api.call("POST", "/v2/account/keys", { name: "k", public_key: `${publicKey}\n` })).body
        .ssh_key;
    const { vpc } = (
        await api.call("POST", "/v2/vpcs", { name: "v", region: "fra1", ip_range: "10.5.0.0/24" })
    ).body;
    const droplet = await api.droplet({ ssh_keys: [key.id], vpc_uuid: vpc.id, user_data: "#!/bin/sh\n" });
    expect(api.machines.hosts.get(droplet.id)!.spec).toEqual({
        id: droplet.id,
        name: droplet.name,
        memoryMb: 1024,
        vcpus: 1,
        publicAddress: "203.0.113.2",
        publicPrefix: 27,
        gateway: "127.0.0.1",
        anchorAddress: "10.19.0.2",
        anchorPrefix: 16,
        privateAddress: "10.5.0.2",
        privatePrefix: 24,
        networkId: vpc.id,
        userData: "#!/bin/sh\n",
        publicKeys: [publicKey],
    });
    expect(droplet.networks.v4).toEqual([
        { ip_address: "10.5.0.2", netmask: "255.255.255.0", gateway: "10.5.0.1", type: "private" },
        { ip_address: "203.0.113.2", netmask: "255.255.255.224", gateway: "127.0.0.1", type: "public" },
    ]);
});

test("a host that does not boot ends its create as errored, and can be destroyed", async () => {
    await using api = await testApi();
    api.machines.before = (call) => {
        if (call.startsWith("createHost")) throw new Error("no space left");
    };
    const { droplet, links } = (await api.call("POST", "/v2/droplets", settings)).body;
    const path = `/v2/droplets/${droplet.id}`;
    await api.until(`/v2/actions/${links.actions[0].id}`, ({ body }) => body.action.status === "errored");
    expect((await api.call("GET", path)).body.droplet).toMatchObject({ status: "off", locked: false });
    expect(api.log).toEqual([
        `action ${links.actions[0].id} (create of droplet ${droplet.id}) failed: no space left`,
    ]);
    await api.call("DELETE", path);
    await api.until(path, ({ status }) => status === 404);
});

test("a droplet takes one event at a time", async () => {
    await using api = await testApi();
    const { id } = await api.droplet();
    const { ip } = (await api.call("POST", "/v2/reserved_ips", { region: "fra1" })).body.reserved_ip;
    const end = gate();
    api.machines.before = (call) => (call.startsWith("reboot") ? end.passed : undefined);
    const { action } = (await api.call("POST", `/v2/droplets/${id}/actions`, { type: "reboot" })).body;
    expect(action).toMatchObject({ status: "in-progress", completed_at: null });
    for (const [method, path, body] of [
        ["POST", `/v2/droplets/${id}/actions`, { type: "power_off" }],
        ["POST", `/v2/reserved_ips/${ip}/actions`, { type: "assign", droplet_id: id }],
        ["POST", "/v2/reserved_ips", { droplet_id: id }],
        ["DELETE", `/v2/droplets/${id}`, undefined],
    ] as const) {
        const answer = await api.call(method, path, body);
        expect([answer.status, answer.body?.message]).toEqual([422, "Droplet already has a pending event."]);
    }
    const other = await api.droplet();
    expect((await api.call("POST", `/v2/droplets/${other.id}/actions`, { type: "power_off" })).status).toBe(
        201,
    );
    end.open();
    await api.until(`/v2/actions/${action.id}`, ({ body }) => body.action.status === "completed");
    expect((await api.call("POST", `/v2/droplets/${id}/actions`, { type: "power_off" })).status).toBe(201);
});

test("a host that goes off by itself is seen as off", async () => {
    await using api = await testApi();
    const { id } = await api.droplet();
    api.machines.setPower(id, "off");
    expect((await api.call("GET", `/v2/droplets/${id}`)).body.droplet.status).toBe("off");
    api.machines.setPower(id, "on");
    expect((await api.call("GET", `/v2/droplets/${id}`)).body.droplet.status).toBe("active");
});

test("a droplet's end leaves its reserved IP free and its address for the next", async () => {
    await using api = await testApi();
    const droplet = await api.droplet();
    const { ip } = (await api.call("POST", "/v2/reserved_ips", { droplet_id: droplet.id })).body.reserved_ip;
    await api.until(
        `/v2/reserved_ips/${ip}`,
        ({ body }) => body.reserved_ip.droplet !== null && !body.reserved_ip.locked,
    );
    await api.call("DELETE", `/v2/droplets/${droplet.id}`);
    await api.until(`/v2/droplets/${droplet.id}`, ({ status }) => status === 404);
    expect((await api.call("GET", `/v2/reserved_ips/${ip}`)).body.reserved_ip.droplet).toBeNull();
    expect(api.machines.routes.get(ip)).toBeUndefined();
    expect((await api.droplet()).networks).toEqual(droplet.networks);
});

test("an address moves in one call, and assigning it to its holder again is no error", async () => {
    await using api = await testApi();
    const [first, second] = [await api.droplet(), await api.droplet()];
    const { ip } = (await api.call("POST", "/v2/reserved_ips", { region: "fra1" })).body.reserved_ip;
    for (const { id } of [first, second, second]) {
        const assign = { type: "assign", droplet_id: id };
        const { status, body } = await api.call("POST", `/v2/reserved_ips/${ip}/actions`, assign);
        expect(status).toBe(201);
        const path = `/v2/reserved_ips/${ip}/actions/${body.action.id}`;
        await api.until(path, (answer) => answer.body.action.status === "completed");
        expect(api.machines.routes.get(ip)).toBe(id);
        expect((await api.call("GET", `/v2/reserved_ips/${ip}`)).body.reserved_ip.droplet.id).toBe(id);
    }
    expect(api.machines.calls).not.toContain(`routeReservedIp ${ip} nowhere`);
});

test("two hosts that want an address at once get it one after the other", async () => {
    await using api = await testApi();
    const [first, second] = [await api.droplet(), await api.droplet()];
    const { ip } = (await api.call("POST", "/v2/reserved_ips", { region: "fra1" })).body.reserved_ip;
    const move = gate();
    api.machines.before = (call) => (call.startsWith("routeReservedIp") ? move.passed : undefined);
    const assign = (id: number) =>
        api.call("POST", `/v2/reserved_ips/${ip}/actions`, { type: "assign", droplet_id: id });
    expect((await assign(first.id)).status).toBe(201);
    const { status, body } = await assign(second.id);
    expect([status, body.message]).toEqual([422, "Reserved IP already has a pending event."]);
    move.open();
    await api.until(`/v2/reserved_ips/${ip}`, (answer) => !answer.body.reserved_ip.locked);
    expect((await assign(second.id)).status).toBe(201);
});

test("an assignment that the machines refuse leaves the address where it was", async () => {
    await using api = await testApi();
    const [first, second] = [await api.droplet(), await api.droplet()];
    const { ip } = (await api.call("POST", "/v2/reserved_ips", { droplet_id: first.id })).body.reserved_ip;
    const path = `/v2/reserved_ips/${ip}`;
    await api.until(path, ({ body }) => body.reserved_ip.droplet !== null && !body.reserved_ip.locked);
    api.machines.before = (call) => {
        if (call.startsWith("routeReservedIp")) throw new Error("no route");
    };
    const assign = { type: "assign", droplet_id: second.id };
    const { action } = (await api.call("POST", `${path}/actions`, assign, tokens.failoverToken)).body;
    await api.until(`${path}/actions/${action.id}`, ({ body }) => body.action.status === "errored");
    expect((await api.call("GET", path)).body.reserved_ip.droplet.id).toBe(first.id);
});

test("many creates at once get different addresses", async () => {
    await using api = await testApi();
    const droplets = await Promise.all(Array.from({ length: 12 }, () => api.droplet()));
    for (const kind of [0, 1]) {
        expect(new Set(droplets.map(({ networks }) => networks.v4[kind].ip_address)).size).toBe(12);
    }
    expect(new Set(droplets.map(({ vpc_uuid }) => vpc_uuid)).size).toBe(1);
});
