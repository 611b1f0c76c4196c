import { stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openStore, STORE_FILE } from "../../../local/api/store.ts";
import { emptyState } from "../../../local/digitalocean/state.ts";
import { gate, type TestApi, testApi } from "../../support/digitalocean.ts";

const lists = [
    "droplets",
    "vpcs",
    "account/keys",
    "tags",
    "firewalls",
    "reserved_ips",
    "actions",
    "projects",
    "domains",
];

async function everything(api: TestApi) {
    const answers = await Promise.all(lists.map((list) => api.call("GET", `/v2/${list}?per_page=200`)));
    return answers.map(({ body }) => body);
}

const publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFppV1smx5OYORvOLkJ2j8KpRPaBx9bp4589024UeNxb";

async function fill(api: TestApi) {
    await api.call("POST", "/v2/account/keys", { name: "key", public_key: publicKey });
    await api.call("POST", "/v2/domains", { name: "example.org" });
    const droplet = await api.droplet({ tags: ["web"], user_data: "#cloud-config\n" });
    const inbound = [{ protocol: "tcp", ports: "22", sources: { addresses: ["192.0.2.0/24"] } }];
    await api.call("POST", "/v2/firewalls", { name: "web", inbound_rules: inbound, tags: ["web"] });
    const { ip } = (await api.call("POST", "/v2/reserved_ips", { droplet_id: droplet.id })).body.reserved_ip;
    await api.until(
        `/v2/reserved_ips/${ip}`,
        ({ body }) => body.reserved_ip.droplet !== null && !body.reserved_ip.locked,
    );
    return { droplet, ip };
}

test("what was answered is there after a restart", async () => {
    await using api = await testApi();
    await fill(api);
    const before = await everything(api);
    await api.restart();
    expect(await everything(api)).toEqual(before);
    // Ids are not given out twice.
    const ids = before[0].droplets.map(({ id }: { id: number }) => id);
    expect(ids).not.toContain((await api.droplet()).id);
});

test("hosts are brought in line with the state: firewalls, reserved IPs, power", async () => {
    await using api = await testApi();
    const { droplet, ip } = await fill(api);
    const host = api.machines.hosts.get(droplet.id)!;
    const firewall = host.firewall;
    expect(firewall?.inbound).toHaveLength(1);
    host.firewall = undefined;
    host.power = "off";
    api.machines.routes.clear();
    await api.restart();
    expect(host.firewall).toEqual(firewall);
    expect(api.machines.routes.get(ip)).toBe(droplet.id);
    expect((await api.call("GET", `/v2/droplets/${droplet.id}`)).body.droplet.status).toBe("off");
});

test("a create that was cut short is done again", async () => {
    await using api = await testApi();
    const boot = gate();
    api.machines.before = (call) => (call.startsWith("createHost") ? boot.passed : undefined);
    const settings = { name: "a", region: "fra1", size: "s-1vcpu-1gb", image: "debian-12-x64" };
    const { droplet } = (await api.call("POST", "/v2/droplets", settings)).body;

    // The first API has not learnt yet how its create ends: as if its process had been killed.
    api.machines.before = () => {};
    await using successor = await testApi({ stateDir: api.stateDir, machines: api.machines });
    const path = `/v2/droplets/${droplet.id}`;
    await successor.until(path, ({ body }) => body.droplet.status === "active");
    await successor.until(`${path}/actions`, ({ body }) => body.actions[0].status === "completed");
    const { actions } = (await successor.call("GET", `${path}/actions`)).body;
    expect(actions.at(-1)).toMatchObject({ type: "create", status: "errored" });
    expect(api.machines.calls).toContain(`destroyHost ${droplet.id}`);
    boot.open();
});

test("the state is for its owner only, and whole whenever it is read", async () => {
    await using api = await testApi();
    await Promise.all(
        Array.from({ length: 30 }, (_, i) => api.call("POST", "/v2/tags", { name: `tag-${i}` })),
    );
    expect((await stat(join(api.stateDir, STORE_FILE))).mode & 0o777).toBe(0o600);
    expect((await openStore(api.stateDir)).part("digitalocean", emptyState).tags).toHaveLength(30);
});
