import { expect, test } from "vitest";
import { isInitError, type Resource } from "../../../local/plugins/kit/resource.ts";
import { type Props, reveal } from "../../../local/plugins/kit/values.ts";
import { vultr } from "../../../local/plugins/vultr/provider.ts";
import { type FakeVultr, failure, fakeVultr } from "../../support/fakeVultr.ts";
import { check, testCall } from "../../support/plugins.ts";

const instance = vultr.resources["vultr:index/instance:Instance"] as Resource;
const reservedIp = vultr.resources["vultr:index/reservedIp:ReservedIp"] as Resource;
const vpc = vultr.resources["vultr:index/vpc:Vpc"] as Resource;

const wanted: Props = { region: "fra", plan: "vc2-1c-1gb", osId: 2136, label: "web-0" };

interface Made {
    id: string;
    inputs: Props;
    outputs: Props;
}

/** A resource that is there; what was asked for it is forgotten. */
async function make(api: FakeVultr, resource: Resource, news: Props): Promise<Made> {
    const inputs = check(resource, news);
    const { id, outputs } = await resource.create(inputs, testCall());
    api.asked.length = 0;
    api.bodies.length = 0;
    return { id, inputs, outputs: reveal(outputs) as Props };
}

test("a network whose instances are still going is asked to go again, and another refusal is told", async () => {
    await using api = await fakeVultr();
    const { id, outputs } = await make(api, vpc, { region: "fra" });
    const path = `DELETE /v2/vpcs/${id}`;
    api.instead[path] = [failure("Invalid thing.", 400)];
    await expect(vpc.delete?.(id, outputs, testCall())).rejects.toThrow(
        `error destroying VPC (${id}): {"error":"Invalid thing.","status":400}`,
    );
    api.asked.length = 0;
    const attached = failure("The following servers are attached to this VPC network: web-0", 400);
    api.instead[path] = [attached];
    await vpc.delete?.(id, outputs, testCall());
    expect(api.asked).toEqual([path, path]);
    expect(api.items.size).toBe(0);

    api.instead[path] = Array.from({ length: 9 }, () => attached);
    const call = { ...testCall(), timeoutSeconds: 1 };
    await expect(vpc.delete?.(id, outputs, call)).rejects.toThrow(
        `error destroying VPC (${id}): cannot remove attached VPC: {"error":"The following`,
    );
});

test("an instance waits for the address that another one is still giving up", async () => {
    await using api = await fakeVultr();
    const taken = failure("Floating IPv4 address is already attached to another server", 400);
    api.instead["POST /v2/instances"] = [taken];
    const inputs = check(instance, { ...wanted, reservedIpId: "ip" });
    const { outputs } = await instance.create(inputs, testCall());
    expect(outputs).toMatchObject({ reservedIpId: "ip", status: "active" });
    expect(api.asked.slice(0, 2)).toEqual(["POST /v2/instances", "POST /v2/instances"]);
    expect(api.bodies[1]).toMatchObject({ reserved_ipv4: "ip" });
});

test("an instance is there when it runs, and its networks are looked at when the program names some", async () => {
    await using api = await fakeVultr();
    const id = "00000000-0000-4000-8000-000000000001";
    const told = (more: Props) => ({ status: 200, body: { instance: { id, status: "active", ...more } } });
    const [installing, stopped] = [told({ status: "installing" }), told({ power_status: "stopped" })];
    const networks = { vpcs: [{ id: "v" }], meta: { links: { next: "" } } };
    api.instead[`GET /v2/instances/${id}`] = [installing, stopped, stopped];
    api.instead[`GET /v2/instances/${id}/vpcs`] = [{ status: 200, body: networks }];
    const { outputs } = await instance.create(check(instance, wanted), testCall());
    expect(outputs).toMatchObject({ powerStatus: "running", vpcIds: null });
    expect(api.asked.filter((call) => call === `GET /v2/instances/${id}`)).toHaveLength(5);
});

test.each<[change: Props, problem: string]>([
    [{ osId: 0 }, "error occurred while getting your intended os type"],
    [{ snapshotId: "s" }, "Please do not set snapshot_id with os_id"],
    [{ osId: 0, appId: 1, imageId: "x" }, "too many options have been selected : [app_id image_id]"],
    [{ backups: "enabled" }, "Backups are set to enabled please provide a backups_schedule"],
    [{ backupsSchedule: { type: "daily" } }, "Backups are set to disabled please remove backups_schedule"],
])("an instance with %j is refused, and nothing is made", async (change, problem) => {
    await using api = await fakeVultr();
    const inputs = check(instance, { ...wanted, ...change });
    await expect(instance.create(inputs, testCall())).rejects.toThrow(problem);
    expect(api.asked).toEqual([]);
});

test("an instance from a snapshot, with an ISO or backups, sends what each needs", async () => {
    await using api = await fakeVultr();
    const { osId: _, ...rest } = wanted;
    const create = (news: Props) => instance.create(check(instance, news), testCall());
    await create({ ...rest, snapshotId: "s", sshKeyIds: ["b", "a"], vpcIds: ["v"], scriptId: "c" });
    expect(api.bodies[0]).toEqual({
        region: "fra",
        plan: "vc2-1c-1gb",
        label: "web-0",
        snapshot_id: "s",
        sshkey_id: ["b", "a"],
        attach_vpc: ["v"],
        script_id: "c",
        backups: "disabled",
        user_scheme: "root",
        tags: null,
        enable_ipv6: false,
        disable_public_ipv4: false,
        ddos_protection: false,
        activation_email: false,
    });
    api.asked.length = 0;
    await create({ ...wanted, backups: "enabled", backupsSchedule: { type: "weekly", hour: 3 } });
    const scheduled = api.asked.findIndex(
        (call) => call.startsWith("POST") && call.endsWith("/backup-schedule"),
    );
    expect(scheduled).toBe(3);
    expect(api.bodies.at(-5)).toEqual({ type: "weekly", hour: 3, dow: 0 });
});

test("an instance that changes in many ways is changed in the official steps", async () => {
    await using api = await fakeVultr();
    const news = { ...wanted, vpcIds: ["a", "b"], tags: ["web"], isoId: "" };
    const { id, inputs, outputs } = await make(api, instance, news);
    const path = `/v2/instances/${id}`;
    const networks = { vpcs: [{ id: "c" }, { id: "b" }], meta: { links: { next: "" } } };
    api.instead[`GET ${path}/vpcs`] = [{ status: 200, body: networks }];
    const { tags: _, ...untagged } = inputs;
    const change = { vpcIds: ["b", "c"], isoId: "iso", ddosProtection: true, enableIpv6: true };
    const olds = { ...outputs, vpcIds: ["a", "b"] };
    const updated = await instance.update?.(id, olds, { ...untagged, ...change }, testCall());
    expect(api.asked).toEqual([
        `PATCH ${path}`,
        `POST ${path}/iso/attach`,
        ...["", "/backup-schedule", "/vpcs", "/vpc2"].map((rest) => `GET ${path}${rest}`),
    ]);
    expect(api.bodies.slice(0, 2)).toEqual([
        {
            label: "web-0",
            attach_vpc: ["c"],
            detach_vpc: ["a"],
            tags: [],
            enable_ipv6: true,
            ddos_protection: true,
        },
        { iso_id: "iso" },
    ]);
    expect(updated).toMatchObject({ ...change, tags: null });

    api.asked.length = 0;
    await instance.delete?.(id, reveal(updated ?? {}) as Props, testCall());
    expect(api.asked).toEqual([`PATCH ${path}`, `POST ${path}/iso/detach`, `DELETE ${path}`]);
});

test("an address is attached, let go and held again as the program names a holder", async () => {
    await using api = await fakeVultr();
    const { id, inputs, outputs } = await make(api, reservedIp, { region: "fra", ipType: "v4" });
    const path = `/v2/reserved-ips/${id}`;
    const steps = async (olds: Props, instanceId: string): Promise<[Props, string[]]> => {
        api.asked.length = 0;
        const news = { ...inputs, instanceId };
        return [(await reservedIp.update?.(id, olds, news, testCall())) ?? {}, [...api.asked]];
    };
    const [held, first] = await steps(outputs, "one");
    expect([held.instanceId, first]).toEqual(["one", [`POST ${path}/attach`, `GET ${path}`]]);
    const [free, second] = await steps(held, "");
    expect([free.instanceId, second]).toEqual(["", [`POST ${path}/detach`, `GET ${path}`]]);
    const [same, third] = await steps(held, "one");
    expect([same.instanceId, third]).toEqual(["", [`GET ${path}`]]);
});

test("an address that cannot be attached is recorded all the same", async () => {
    await using api = await fakeVultr();
    const id = "00000000-0000-4000-8000-000000000001";
    api.instead[`POST /v2/reserved-ips/${id}/attach`] = [failure("Instance is locked", 400)];
    const inputs = check(reservedIp, { region: "fra", ipType: "v4", instanceId: "one" });
    const error: unknown = await reservedIp.create(inputs, testCall()).catch((failure) => failure);
    if (!isInitError(error)) throw new Error("nothing is recorded");
    expect(error.message).toContain(`error attaching reserved IP: ${id} one : {"error":"Instance is locked"`);
    expect(error.created).toEqual({
        id,
        outputs: {
            id,
            instanceId: "one",
            ipType: "v4",
            label: "",
            region: "fra",
            subnet: null,
            subnetSize: null,
        },
    });
});

test("data functions find the one item that all filters let through, on whatever page", async () => {
    await using api = await fakeVultr();
    const page = (name: string, items: Props[], next = "") => [
        { status: 200, body: { [name]: items, meta: { total: 2, links: { next, prev: "" } } } },
    ];
    const fra = { id: "fra", city: "Frankfurt", country: "DE", continent: "Europe", options: ["ddos"] };
    const ams = { ...fra, id: "ams", city: "Amsterdam", country: "NL" };
    const small = { id: "vc2-1c-1gb", ram: 1024, vcpu_count: 1, monthly_cost: 5, locations: ["fra", "ams"] };
    const os = { id: 2136, name: "Debian 12 x64 (bookworm)", arch: "x64", family: "debian" };
    const run = (name: string, ...filters: [string, string[]][]) => {
        Object.assign(api.instead, {
            "GET /v2/regions": page("regions", [fra], "next=="),
            "GET /v2/regions?cursor=next%3D%3D": page("regions", [ams]),
            "GET /v2/plans": page("plans", [small, { ...small, id: "vc2-1c-2gb", ram: 2048 }]),
            "GET /v2/os": page("os", [os]),
        });
        const args = filters.map(([filter, values]) => ({ name: filter, values }));
        return vultr.functions?.[`vultr:index/${name}:${name}`]?.(args.length > 0 ? { filters: args } : {});
    };
    const filters = [{ name: "id", values: ["ams"] }];
    expect(await run("getRegion", ["id", ["ams"]])).toEqual({ ...ams, filters });
    expect(await run("getPlan", ["locations", ["ams", "fra"]], ["ram", ["2048", "4096"]])).toMatchObject({
        id: "vc2-1c-2gb",
        vcpuCount: 1,
        monthlyCost: 5,
        locations: ["fra", "ams"],
        gpuType: "",
    });
    expect(await run("getOs", ["family", ["debian"]])).toMatchObject({ id: "2136", arch: "x64" });
    await expect(run("getRegion", ["continent", ["Europe"]])).rejects.toThrow(
        "invoking vultr:index/getRegion:getRegion: 1 error occurred:\n\t* your search returned too many results",
    );
    await expect(run("getPlan", ["locations", ["ams", "ewr"]])).rejects.toThrow("no results were found");
    await expect(run("getOs")).rejects.toThrow("issue with filter: false");
});
