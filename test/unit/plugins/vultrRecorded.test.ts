import { expect, test } from "vitest";
import type { Resource } from "../../../local/plugins/kit/resource.ts";
import { type Props, reveal } from "../../../local/plugins/kit/values.ts";
import { vultr } from "../../../local/plugins/vultr/provider.ts";
import { type RecordedResource, recordedState, testCall } from "../../support/plugins.ts";
import { type Exchange, phaseOf, replay } from "../../support/replay.ts";

/** The calls of the official plugin, one resource after the other: a stand-in makes the same in the same order. */
const state = recordedState("state-vultr.json").filter(({ type }) => type.startsWith("vultr:"));
const titled = state.map((entry): [string, RecordedResource] => [`${kindOf(entry)} ${entry.name}`, entry]);

function kindOf({ type }: RecordedResource): string {
    return type.split(":").at(-1) ?? "";
}

function entryOf(kind: string, name: string): RecordedResource {
    return state.find((entry) => kindOf(entry) === kind && entry.name === name) as RecordedResource;
}

const resourceOf = ({ type }: RecordedResource) => vultr.resources[type] as Resource;
const key = ({ method, path }: Exchange): string => `${method} ${path}`;

/** What was asked about one resource in a phase of the recording, its making included. */
function own(entry: RecordedResource, phase: string): Exchange[] {
    const group = kindOf(entry) === "FirewallGroup" ? "$" : "(/|$)";
    const about = new RegExp(`/${entry.id}${group}`);
    return phaseOf(phase, "vultr").filter(({ method, path, response }) => {
        const [made] = Object.values((response ?? {}) as Record<string, { id?: unknown }>);
        return about.test(path) || (method === "POST" && String(made?.id) === entry.id);
    });
}

test.each(titled)("%s is created with the recorded calls and outputs", async (_title, entry) => {
    await using server = await replay("", "vultr");
    const created = await resourceOf(entry).create(entry.inputs, testCall());
    expect({ ...created, outputs: reveal(created.outputs) }).toEqual({
        id: entry.id,
        outputs: entry.outputs,
    });
    const recorded = own(entry, "");
    expect(server.asked).toEqual(recorded.map(key));
    for (const exchange of recorded)
        expect(server.bodies[key(exchange)]?.[0]).toEqual(exchange.request ?? null);
});

test("an instance's first password is a secret", async () => {
    await using _server = await replay("", "vultr");
    const entry = entryOf("Instance", "web-0");
    const { outputs } = await resourceOf(entry).create(entry.inputs, testCall());
    expect(outputs.defaultPassword).toMatchObject({ value: "secretpw" });
    expect(outputs.mainIp).toBe("203.0.113.22");
});

test.each(titled)("a refresh of %s finds the recorded state", async (_title, entry) => {
    await using server = await replay("refresh", "vultr");
    const { id, inputs, outputs } = entry;
    const fresh = await resourceOf(entry).read?.(id, outputs, inputs, testCall());
    expect({ ...fresh, outputs: reveal(fresh?.outputs ?? {}) }).toEqual({ id, inputs, outputs });
    expect(server.asked).toEqual(own(entry, "refresh").map(key));
});

test.each(["web-0", "web-1"])("a new tag of %s is sent as recorded", async (name) => {
    await using server = await replay("update", "vultr");
    const entry = entryOf("Instance", name);
    const news = { ...entry.inputs, tags: ["web", "extra"] };
    const updated = await resourceOf(entry).update?.(entry.id, entry.outputs, news, testCall());
    const [patch] = own(entry, "update");
    expect(server.asked).toEqual(own(entry, "update").map(key));
    expect(server.bodies[key(patch as Exchange)]).toEqual([patch?.request]);
    expect(reveal(updated ?? {})).toEqual({ ...entry.outputs, tags: ["extra", "web"] });
});

test("an address moves by a detachment and an attachment, as recorded", async () => {
    await using server = await replay("update", "vultr");
    const entry = entryOf("ReservedIp", "ip");
    const instanceId = entryOf("Instance", "web-1").id;
    const news = { ...entry.inputs, instanceId };
    const updated = await resourceOf(entry).update?.(entry.id, entry.outputs, news, testCall());
    expect(server.asked).toEqual(own(entry, "update").map(key));
    expect(server.bodies[`POST /v2/reserved-ips/${entry.id}/attach`]).toEqual([{ instance_id: instanceId }]);
    expect(updated).toEqual({ ...entry.outputs, instanceId });
});

test("a rule with another port is a new one, made as recorded", async () => {
    await using server = await replay("update", "vultr");
    const entry = entryOf("FirewallRule", "http");
    const created = await resourceOf(entry).create({ ...entry.inputs, port: "443" }, testCall());
    expect(created).toEqual({ id: "3", outputs: { ...entry.outputs, id: "3", port: "443" } });
    expect(server.asked).toEqual(own({ ...entry, id: "3" }, "update").map(key));
});

test("another plan is asked for, and waited for, as recorded", async () => {
    await using server = await replay("plan change", "vultr");
    const entry = entryOf("Instance", "web-1");
    const news = { ...entry.inputs, tags: ["web", "extra"], plan: "vc2-1c-2gb" };
    const olds = { ...entry.outputs, tags: ["extra", "web"] };
    const updated = await resourceOf(entry).update?.(entry.id, olds, news, testCall());
    const recorded = own(entry, "plan change");
    expect(server.asked).toEqual(recorded.map(key));
    expect(server.bodies[`PATCH /v2/instances/${entry.id}`]).toEqual([recorded[0]?.request]);
    expect(reveal(updated ?? {})).toEqual({ ...olds, plan: "vc2-1c-2gb" });
});

// The rule of the recording's first phase went in its update.
test.each(titled.filter(([, { name }]) => name !== "http"))(
    "%s goes with the recorded calls",
    async (_title, entry) => {
        await using server = await replay("destroy", "vultr");
        await resourceOf(entry).delete?.(entry.id, entry.outputs, testCall());
        const recorded = own(entry, "destroy");
        expect(recorded).not.toEqual([]);
        expect(server.asked).toEqual(recorded.map(key));
        for (const exchange of recorded)
            expect(server.bodies[key(exchange)]).toEqual([exchange.request ?? null]);
    },
);

const image = { osId: 2284 };
test.each<[kind: string, name: string, change: Props, details: Record<string, string>]>([
    ["Instance", "web-0", { tags: ["web", "extra"] }, { "tags[1]": "add" }],
    ["Instance", "web-0", { plan: "vc2-1c-2gb" }, { plan: "update" }],
    ["Instance", "web-0", { label: "other" }, { label: "update" }],
    ["Instance", "web-0", { region: "FRA" }, {}],
    ["Instance", "web-0", { region: "ams" }, { region: "update-replace" }],
    ["Instance", "web-0", image, { osId: "update-replace" }],
    ["Instance", "web-0", { hostname: "other" }, { hostname: "update-replace" }],
    ["Instance", "web-0", { userData: "#cloud-config\n" }, { userData: "update-replace" }],
    ["Instance", "web-0", { sshKeyIds: ["other"] }, { "sshKeyIds[0]": "update-replace" }],
    ["Instance", "web-0", { scriptId: "some" }, { scriptId: "add-replace" }],
    ["Instance", "web-0", { firewallGroupId: "other" }, { firewallGroupId: "update" }],
    ["Instance", "web-0", { vpcIds: ["other"] }, { "vpcIds[0]": "update" }],
    ["Instance", "web-0", { enableIpv6: true }, { enableIpv6: "update" }],
    ["Instance", "web-0", { backups: "enabled" }, { backups: "update" }],
    ["Vpc", "vpc", { description: "web" }, { description: "update" }],
    ["Vpc", "vpc", { v4Subnet: "10.30.0.0" }, { v4Subnet: "update-replace" }],
    ["Vpc", "vpc", { v4SubnetMask: 20 }, { v4SubnetMask: "update-replace" }],
    ["FirewallGroup", "fw", { description: "db" }, { description: "update" }],
    ["FirewallRule", "http", { port: "443" }, { port: "update-replace" }],
    ["FirewallRule", "http", { notes: "" }, { notes: "update-replace" }],
    ["SSHKey", "key", { sshKey: "ssh-ed25519 AAAA" }, { sshKey: "update" }],
    ["ReservedIp", "ip", { instanceId: "other" }, { instanceId: "update" }],
    ["ReservedIp", "ip", { region: "ams" }, { region: "update-replace" }],
    ["ReservedIp", "ip", { ipType: "v6" }, { ipType: "update-replace" }],
])("%s %s with %j", (kind, name, change, details) => {
    const entry = entryOf(kind, name);
    const news = { ...entry.inputs, ...change };
    const diff = resourceOf(entry).diff({ olds: entry.outputs, oldInputs: entry.inputs, news });
    expect(diff).toEqual({ details, deleteBeforeReplace: false });
});

test("an address whose holder is no longer named stays where it is", () => {
    const entry = entryOf("ReservedIp", "ip");
    const { instanceId: _, ...news } = entry.inputs;
    const request = { olds: entry.outputs, oldInputs: entry.inputs, news };
    expect(resourceOf(entry).diff(request).details).toEqual({});
});

// As the SDK's own schema has it.
test.each<[kind: string, replacing: string, updating: string]>([
    ["DnsDomain", "domain ip", "dnsSec"],
    ["DnsRecord", "domain type", "data name priority ttl"],
    ["FirewallGroup", "", "description"],
    ["FirewallRule", "firewallGroupId ipType notes port protocol source subnet subnetSize", ""],
    [
        "Instance",
        "appId appVariables disablePublicIpv4 hostname imageId ipxeChainUrl osId region reservedIpId scriptId snapshotId sshKeyIds userData userScheme",
        "activationEmail backups backupsSchedule ddosProtection enableIpv6 firewallGroupId isoId label plan tags vpc2Ids vpcIds",
    ],
    ["ReservedIp", "ipType region", "instanceId label"],
    ["SSHKey", "", "name sshKey"],
    ["StartupScript", "type", "name script"],
    ["Vpc", "region v4Subnet v4SubnetMask", "description"],
])("%s has to be made anew for a change of %j, and not of %j", (kind, replacing, updating) => {
    const type = Object.keys(vultr.resources).find((candidate) => candidate.endsWith(`:${kind}`));
    const resource = vultr.resources[type ?? ""] as Resource;
    const found = { replace: [] as string[], update: [] as string[] };
    for (const name of Object.keys(resource.preview({}))) {
        const whole = (value: string) =>
            /Ids$|^tags$/.test(name) ? [value] : /Variables|Schedule/.test(name) ? { type: value } : value;
        const { details } = resource.diff({
            olds: { [name]: whole("old") },
            oldInputs: {},
            news: { [name]: whole("new") },
        });
        const changed = Object.entries(details).find(([path]) => path.startsWith(name));
        if (changed) found[changed[1].endsWith("-replace") ? "replace" : "update"].push(name);
    }
    expect(found).toEqual({
        replace: replacing.split(" ").filter(Boolean),
        update: updating.split(" ").filter(Boolean),
    });
});
