import { expect, test } from "vitest";
import { withDroplets } from "../../support/digitalocean.ts";
import { gate, type Json, localApis } from "../../support/localApis.ts";
import { settings, withInstances } from "../../support/vultr.ts";

const lists = {
    digitalocean: ["droplets", "vpcs", "reserved_ips"],
    vultr: ["instances", "vpcs", "reserved-ips", "firewalls", "ssh-keys", "startup-scripts", "domains"],
};

test("hosts of both clouds share the slice, and no number or address is used twice", async () => {
    await using apis = await localApis();
    const [digitalocean, vultr] = [withDroplets(apis.digitalocean), withInstances(apis.vultr)];
    await Promise.all([1, 2, 3].flatMap(() => [digitalocean.droplet(), vultr.instance()]));
    const specs = [...apis.machines.hosts.values()].map(({ spec }) => spec);
    expect(new Set(specs.map(({ id }) => id)).size).toBe(6);
    expect(new Set(specs.map(({ publicAddress }) => publicAddress)).size).toBe(6);
    expect(specs.filter(({ anchorAddress }) => anchorAddress !== undefined)).toHaveLength(3);
    const first = (await digitalocean.call("POST", "/v2/reserved_ips", { region: "fra1" })).body.reserved_ip;
    const second = (await vultr.call("POST", "/v2/reserved-ips", { region: "fra", ip_type: "v4" })).body;
    expect([first.ip, second.reserved_ip.subnet]).toEqual(["203.0.113.34", "203.0.113.35"]);
});

test("what one API suffers or changes does not touch the other's hosts", async () => {
    await using apis = await localApis();
    const [digitalocean, vultr] = [withDroplets(apis.digitalocean), withInstances(apis.vultr)];
    const droplet = await digitalocean.droplet();
    const { id } = (await vultr.call("POST", "/v2/firewalls", { description: "a" })).body.firewall_group;
    await vultr.instance({ firewall_group_id: id });
    expect(apis.machines.hosts.get(droplet.id)!.firewall).toBeUndefined();
    await digitalocean.call("POST", "/_local/faults", { error: { status: 500 } });
    expect((await digitalocean.call("GET", "/v2/droplets")).status).toBe(500);
    expect((await vultr.call("GET", "/v2/instances")).status).toBe(200);
});

test("what was answered is there after a restart, on both", async () => {
    await using apis = await localApis();
    const [digitalocean, vultr] = [withDroplets(apis.digitalocean), withInstances(apis.vultr)];
    await digitalocean.droplet();
    const instance = await vultr.instance({ tags: ["web"] });
    const reserved = { region: "fra", ip_type: "v4", instance_id: instance.id };
    const ip = (await vultr.call("POST", "/v2/reserved-ips", reserved)).body.reserved_ip;
    await vultr.call("POST", "/v2/vpcs", { region: "fra" });
    await vultr.call("POST", "/v2/firewalls", { description: "g" });
    await vultr.call("POST", "/v2/domains", { domain: "example.org", ip: "192.0.2.1" });
    const everything = async () => {
        const asked = Object.entries(lists).flatMap(([cloud, names]) =>
            names.map((name) => apis[cloud as keyof typeof lists].call("GET", `/v2/${name}`)),
        );
        return (await Promise.all(asked)).map(({ body }) => body);
    };
    const before = await everything();
    const holder = apis.machines.routes.get(ip.subnet);
    apis.machines.routes.clear();
    await apis.restart();
    expect(await everything()).toEqual(before);
    expect(apis.machines.routes.get(ip.subnet)).toBe(holder);
});

test("an installation and a destruction that were cut short are done again", async () => {
    await using apis = await localApis();
    const vultr = withInstances(apis.vultr);
    const old = await vultr.instance();
    const held = gate();
    apis.machines.before = (call) => (/^(createHost|destroyHost)/.test(call) ? held.passed : undefined);
    const { instance } = (await vultr.call("POST", "/v2/instances", { ...settings, hostname: "new" })).body;
    await vultr.call("DELETE", `/v2/instances/${old.id}`);

    // The first APIs have not learnt yet how their work ends: as if their process had been killed.
    apis.machines.before = () => {};
    await using successors = await localApis({ stateDir: apis.stateDir, machines: apis.machines });
    const path = `/v2/instances/${instance.id}`;
    await successors.vultr.until(path, ({ body }) => body.instance.status === "active");
    const names = () => [...apis.machines.hosts.values()].map(({ spec }) => spec.name);
    await expect.poll(names).toEqual(["new"]);
    const left = (await successors.vultr.call("GET", "/v2/instances")).body.instances;
    expect(left.map(({ hostname }: Json) => hostname)).toEqual(["new"]);
    held.open();
});
