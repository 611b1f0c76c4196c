import { expect, test } from "vitest";
import { mac } from "../../../local/network/hostNetwork.ts";
import { gate, type Json, settings, type TestVultr, testVultr } from "../../support/vultr.ts";

const publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFppV1smx5OYORvOLkJ2j8KpRPaBx9bp4589024UeNxb";
const base64 = (text: string) => Buffer.from(text).toString("base64");

async function vpc(api: TestVultr, subnet = "10.5.0.0"): Promise<Json> {
    const wanted = { region: "fra", description: "v", v4_subnet: subnet, v4_subnet_mask: 24 };
    return (await api.call("POST", "/v2/vpcs", wanted)).body.vpc;
}

const read = async (api: TestVultr, { id }: Json) =>
    (await api.call("GET", `/v2/instances/${id}`)).body.instance;
const patch = (api: TestVultr, { id }: Json, body: object) => api.call("PATCH", `/v2/instances/${id}`, body);

test("a host gets what the machines need to know", async () => {
    await using api = await testVultr();
    const key = (await api.call("POST", "/v2/ssh-keys", { name: "k", ssh_key: `${publicKey}\n` })).body
        .ssh_key;
    const { id: network } = await vpc(api);
    const instance = await api.instance({
        hostname: "web-0",
        sshkey_id: [key.id],
        attach_vpc: [network],
        user_data: base64("#cloud-config\n"),
    });
    expect(api.hostOf(instance)!.spec).toEqual({
        id: expect.any(Number),
        instanceId: instance.id,
        name: "web-0",
        memoryMb: 1024,
        vcpus: 1,
        publicAddress: "203.0.113.2",
        publicPrefix: 27,
        gateway: "127.0.0.1",
        privateAddress: "10.5.0.3",
        privatePrefix: 24,
        networkId: network,
        userData: "#cloud-config\n",
        publicKeys: [publicKey],
    });
});

test("an instance is pending, without addresses, until its host is there", async () => {
    await using api = await testVultr();
    const boot = gate();
    api.machines.before = (call) => (call.startsWith("createHost") ? boot.passed : undefined);
    const { status, body } = await api.call("POST", "/v2/instances", { ...settings, hostname: "a" });
    expect(status).toBe(202);
    expect(body.instance.default_password).toEqual(expect.any(String));
    const young = await read(api, body.instance);
    expect(young).toMatchObject({ status: "pending", server_status: "none", main_ip: "0.0.0.0" });
    expect(young).not.toHaveProperty("default_password");
    boot.open();
    const path = `/v2/instances/${young.id}`;
    const grown = await api.until(path, (answer) => answer.body.instance.status === "active");
    expect(grown.body.instance).toMatchObject({
        main_ip: "203.0.113.2",
        netmask_v4: "255.255.255.224",
        gateway_v4: "127.0.0.1",
        power_status: "running",
        server_status: "ok",
        internal_ip: "",
    });
});

test("a host that does not boot ends a client's wait, and can be destroyed", async () => {
    await using api = await testVultr();
    api.machines.before = (call) => {
        if (call.startsWith("createHost")) throw new Error("no space left");
    };
    const instance = await api.instance();
    expect(instance).toMatchObject({ status: "suspended", power_status: "stopped" });
    expect(api.log).toEqual([`create of instance ${instance.id} failed: no space left`]);
    expect((await api.call("DELETE", `/v2/instances/${instance.id}`)).status).toBe(204);
});

test("power goes off, on and through a restart by pulling the plug, one after the other", async () => {
    await using api = await testVultr();
    const instance = await api.instance();
    const { id: hostId } = api.hostOf(instance)!.spec;
    api.machines.calls.length = 0;
    const off = gate();
    api.machines.before = (call) => (call.startsWith("powerOff") ? off.passed : undefined);
    for (const action of ["halt", "start", "reboot"]) {
        expect((await api.call("POST", `/v2/instances/${instance.id}/${action}`)).status).toBe(204);
    }
    expect(api.machines.calls).toEqual([`powerOff ${hostId}`]);
    off.open();
    const all = ["powerOff", "powerOn", "powerOff", "powerOn"].map((call) => `${call} ${hostId}`);
    await expect.poll(() => api.machines.calls).toEqual(all);
    await api.call("POST", "/v2/instances/halt", { instance_ids: [instance.id] });
    const path = `/v2/instances/${instance.id}`;
    await api.until(path, ({ body }) => body.instance.power_status === "stopped");
});

test("a host that goes off by itself is seen as stopped", async () => {
    await using api = await testVultr();
    const instance = await api.instance();
    api.machines.setPower(api.hostOf(instance)!.spec.id, "off");
    expect(await read(api, instance)).toMatchObject({ status: "active", power_status: "stopped" });
});

test("another plan is there once the host has restarted with it, and a smaller disk is refused", async () => {
    await using api = await testVultr();
    const instance = await api.instance();
    const { id: hostId } = api.hostOf(instance)!.spec;
    const resized = gate();
    api.machines.before = (call) => (call.startsWith("resize") ? resized.passed : undefined);
    expect((await patch(api, instance, { plan: "vc2-1c-2gb" })).status).toBe(202);
    expect(await read(api, instance)).toMatchObject({ plan: "vc2-1c-1gb", status: "resizing" });
    resized.open();
    const path = `/v2/instances/${instance.id}`;
    await api.until(path, ({ body }) => body.instance.plan === "vc2-1c-2gb");
    expect(api.hostOf(instance)).toMatchObject({ power: "on", spec: { memoryMb: 2048 } });
    expect(api.machines.calls).toContain(`resize ${hostId} 2048 1`);
    expect((await patch(api, instance, { plan: "vc2-1c-1gb" })).status).toBe(400);
});

test("what a change does not name stays, and so do tags that are null", async () => {
    await using api = await testVultr();
    const instance = await api.instance({ tags: ["web"], label: "one" });
    await patch(api, instance, { tags: null, label: "two" });
    expect(await read(api, instance)).toMatchObject({ tags: ["web"], label: "two" });
    await patch(api, instance, { tags: ["extra"] });
    expect(await read(api, instance)).toMatchObject({ tags: ["extra"], label: "two" });
});

test("instances are found by their tags, in any case, and by what else they are", async () => {
    await using api = await testVultr();
    const first = await api.instance({ tags: ["web"], label: "one", region: "fra" });
    const second = await api.instance({ tags: ["Web", "db"], label: "two", region: "ams" });
    const found = async (query: string) =>
        (await api.call("GET", `/v2/instances?${query}`)).body.instances.map(({ id }: Json) => id);
    expect(await found("tag=web")).toEqual([first.id, second.id]);
    expect(await found("tag=we")).toEqual([]);
    expect(await found("label=two")).toEqual([second.id]);
    expect(await found("region=fra")).toEqual([first.id]);
    expect(await found(`main_ip=${second.main_ip}`)).toEqual([second.id]);
});

test("a VPC that comes or goes costs a restart, and is listed at once", async () => {
    await using api = await testVultr();
    const { id: network } = await vpc(api);
    const instance = await api.instance();
    const { spec } = api.hostOf(instance)!;
    expect(spec.networkId).toBeUndefined();
    await patch(api, instance, { attach_vpc: [network] });
    const listed = await api.call("GET", `/v2/instances/${instance.id}/vpcs`);
    expect(listed.body.vpcs).toEqual([{ id: network, mac_address: mac(1, spec.id), ip_address: "10.5.0.3" }]);
    const restart = ["powerOff 1001", "setPrivateNetwork 1001 10.5.0.3", "powerOn 1001"];
    await expect.poll(() => api.machines.calls.slice(-3)).toEqual(restart);
    expect(api.hostOf(instance)!.spec).toMatchObject({ networkId: network, privatePrefix: 24 });

    expect((await api.call("DELETE", `/v2/vpcs/${network}`)).body).toEqual({
        error: `The following servers are attached to this VPC network: ${instance.main_ip}`,
        status: 400,
    });
    await patch(api, instance, { detach_vpc: [network] });
    expect((await read(api, instance)).internal_ip).toBe("");
    expect((await api.call("DELETE", `/v2/vpcs/${network}`)).status).toBe(204);
    await expect.poll(() => api.hostOf(instance)!.spec.networkId).toBeUndefined();
});

test("an instance is gone at once, and its address is free when its host is gone too", async () => {
    await using api = await testVultr();
    const first = await api.instance();
    const end = gate();
    api.machines.before = (call) => (call.startsWith("destroyHost") ? end.passed : undefined);
    expect((await api.call("DELETE", `/v2/instances/${first.id}`)).status).toBe(204);
    expect((await api.call("GET", `/v2/instances/${first.id}`)).status).toBe(404);
    expect((await api.call("GET", "/v2/instances")).body.meta.total).toBe(0);
    expect((await api.instance()).main_ip).not.toBe(first.main_ip);
    end.open();
    await expect.poll(() => api.machines.hosts.size).toBe(1);
    expect((await api.instance()).main_ip).toBe(first.main_ip);
});

test("a startup script runs beside the user data", async () => {
    await using api = await testVultr();
    const script = base64("#!/bin/sh\necho started\n");
    const created = await api.call("POST", "/v2/startup-scripts", { name: "s", type: "boot", script });
    const { id } = created.body.startup_script;
    expect(created.body.startup_script).toMatchObject({ name: "s", type: "boot", script });
    const alone = await api.instance({ script_id: id });
    expect(api.hostOf(alone)!.spec.userData).toBe("#!/bin/sh\necho started\n");
    const both = await api.instance({ script_id: id, user_data: base64("#cloud-config\n") });
    const text = api.hostOf(both)!.spec.userData!;
    expect(text).toMatch(/^Content-Type: multipart\/mixed; boundary="(.+)"\n/);
    expect([...text.matchAll(/^Content-Type: (text\S+)$/gm)].map((match) => match[1])).toEqual([
        "text/cloud-config",
        "text/x-shellscript",
    ]);
    expect(text).toContain(script);
});

test.each([
    ["a region that is none", { region: "fra1" }, "Invalid region."],
    ["a plan that is none", { plan: "s-1vcpu-1gb" }, "Invalid plan"],
    ["another system", { os_id: 2284 }, "Invalid operating system"],
    ["a VPC that is none", { attach_vpc: ["x"] }, "Invalid VPC ID"],
    ["a key that is none", { sshkey_id: ["x"] }, "Invalid ssh key"],
    ["a script that is none", { script_id: "x" }, "Invalid startup script ID"],
    ["a group that is none", { firewall_group_id: "x" }, "Invalid firewall group ID"],
    ["user data in plain", { user_data: "#cloud-config\n" }, "user_data must be base64 encoded"],
    ["a name that is none", { hostname: "web_0" }, "Invalid hostname"],
    ["a snapshot", { snapshot_id: "x" }, "A server from snapshot_id cannot be had in the local cloud"],
])("%s is refused, and nothing is made", async (_label, wrong, error) => {
    await using api = await testVultr();
    const { status, body } = await api.call("POST", "/v2/instances", { ...settings, ...wrong });
    expect(status).toBeGreaterThanOrEqual(400);
    expect(body.error).toBe(error);
    expect((await api.call("GET", "/v2/instances")).body.meta.total).toBe(0);
});
