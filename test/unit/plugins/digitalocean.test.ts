import { expect, test } from "vitest";
import { configure } from "../../../local/plugins/digitalocean/api.ts";
import { digitalocean } from "../../../local/plugins/digitalocean/provider.ts";
import { isInitError, type Resource } from "../../../local/plugins/kit/resource.ts";
import type { Props } from "../../../local/plugins/kit/values.ts";
import { type TestApi, testApi, tokens } from "../../support/digitalocean.ts";
import { check, type RecordedResource, recordedState, testCall } from "../../support/plugins.ts";
import { calls, distinct, nameOf, phaseOf, replay } from "../../support/replay.ts";

function resource(name: string): Resource {
    const type = Object.keys(digitalocean.resources).find((candidate) => candidate.endsWith(`:${name}`));
    return digitalocean.resources[type ?? ""] as Resource;
}

const state = recordedState("state-digitalocean-random-tls.json").filter(({ type }) =>
    type.startsWith("digitalocean:"),
);
const titled = state.map((entry): [string, RecordedResource] => [
    `${entry.type.split(":").at(-1)} ${entry.name}`,
    entry,
]);

function entryOf(kind: string): RecordedResource {
    return state.find(({ type }) => type.endsWith(`:${kind}`)) as RecordedResource;
}

test.each(titled)(
    "%s is created with the recorded calls and outputs",
    async (_title, { type, id, inputs, outputs }) => {
        await using server = await replay("");
        const created = await (digitalocean.resources[type] as Resource).create(inputs, testCall());
        if (type.endsWith("Assignment")) {
            const form = /^1005-203\.0\.113\.200-\d{18}[0-9a-f]{8}$/;
            expect(id).toMatch(form);
            expect(created.id).toMatch(form);
            expect(created.outputs).toEqual({ ...outputs, id: created.id });
        } else expect(created).toEqual({ id, outputs });
        for (const [key, bodies] of Object.entries(server.bodies)) {
            if (!key.startsWith("POST")) continue;
            const recorded = phaseOf("").filter(({ method, path }) => `${method} ${path}` === key);
            const wanted = recorded.filter(({ request }) => nameOf(request) === nameOf(bodies[0]));
            expect(normal(bodies[0])).toEqual(normal(wanted[0]?.request));
        }
        const known = new Set(calls(phaseOf("")));
        expect(server.asked.filter((call) => !known.has(call))).toEqual([]);
    },
);

// The order of rules in requests follows Terraform's hashes and means nothing.
function normal(body: unknown): unknown {
    const { inbound_rules, outbound_rules, ...rest } = (body ?? {}) as Record<string, unknown[]>;
    const sorted = (rules: unknown[] | undefined): string[] | undefined =>
        rules?.map((rule) => JSON.stringify(rule)).sort();
    return { ...rest, inbound_rules: sorted(inbound_rules), outbound_rules: sorted(outbound_rules) };
}

test.each(titled)(
    "a refresh of %s finds the recorded state",
    async (_title, { type, id, inputs, outputs }) => {
        await using _server = await replay("refresh");
        const fresh = await (digitalocean.resources[type] as Resource).read?.(
            id,
            outputs,
            inputs,
            testCall(),
        );
        // Meanwhile the droplets were there to be counted.
        const counted = type.endsWith(":Tag") ? { dropletsCount: 2, totalResourceCount: 2 } : {};
        expect(fresh).toEqual({ id, inputs, outputs: { ...outputs, ...counted } });
    },
);

test("a resize takes the recorded steps", async () => {
    await using server = await replay("resize");
    const { inputs, outputs } = state.find(({ id }) => id === "1005") as RecordedResource;
    const olds = { ...outputs, tags: ["extra", "web"] };
    const news = { ...inputs, tags: ["web", "extra"], size: "s-1vcpu-2gb" };
    const updated = await resource("Droplet").update?.("1005", olds, news, testCall());
    const own = phaseOf("resize").filter(({ path }) => path.includes("1005") || path.endsWith("/1011"));
    expect(distinct(server.asked)).toEqual(calls(own));
    expect(server.bodies["POST /v2/droplets/1005/actions"]).toEqual([
        { type: "power_off" },
        { type: "resize", size: "s-1vcpu-2gb", disk: true },
        { type: "power_on" },
    ]);
    expect(updated).toMatchObject({
        size: "s-1vcpu-2gb",
        memory: 2048,
        status: "active",
        userData: outputs.userData,
    });
});

test("a new tag and a new rule are sent as recorded", async () => {
    await using server = await replay("update");
    const droplet = state.find(({ id }) => id === "1005") as RecordedResource;
    await resource("Droplet").update?.(
        "1005",
        droplet.outputs,
        { ...droplet.inputs, tags: ["web", "extra"] },
        testCall(),
    );
    expect(server.asked).toEqual(["POST /v2/tags", "POST /v2/tags/extra/resources", "GET /v2/droplets/1005"]);
    expect(server.bodies["POST /v2/tags/extra/resources"]).toEqual([
        { resources: [{ resource_id: "1005", resource_type: "droplet" }] },
    ]);

    const { id, inputs, outputs } = entryOf("Firewall");
    const [ssh, web, ping] = inputs.inboundRules as Props[];
    const news = { ...inputs, inboundRules: [ssh, { ...web, portRange: "443" }, ping] as Props[] };
    const updated = await resource("Firewall").update?.(id, outputs, news, testCall());
    const put = phaseOf("update").find(({ method }) => method === "PUT");
    expect(normal(server.bodies[`PUT /v2/firewalls/${id}`]?.[0])).toEqual(normal(put?.request));
    expect(updated?.inboundRules).toMatchObject([
        { portRange: "" },
        { portRange: "22" },
        { portRange: "443" },
    ]);
});

test("deletes take the recorded steps, and an address that moved on is left alone", async () => {
    await using server = await replay("destroy");
    const { id, outputs } = state.find((entry) => entry.id === "1003") as RecordedResource;
    await resource("Droplet").delete?.(id, outputs, testCall());
    expect(distinct(server.asked)).toEqual([
        "GET /v2/droplets/1003",
        "DELETE /v2/droplets/1003",
        "GET /v2/droplets/1003",
    ]);
    server.asked.length = 0;
    const assignment = entryOf("ReservedIpAssignment");
    await resource("ReservedIpAssignment").delete?.(assignment.id, assignment.outputs, testCall());
    expect(server.asked).toEqual(["GET /v2/reserved_ips/203.0.113.200"]);
});

async function localApi(settings: Props = {}): Promise<TestApi> {
    const api = await testApi();
    configure({
        apiEndpoint: api.url,
        token: tokens.token,
        httpRetryMax: 0,
        httpRetryWaitMin: 0.01,
        ...settings,
    });
    return api;
}

test("an API error is told in godo's words", async () => {
    await using api = await localApi();
    const inputs = check(resource("Droplet"), {
        image: "debian-12-x64",
        size: "no-such-size",
        region: "fra1",
    });
    const failed = resource("Droplet").create(inputs, testCall());
    await expect(failed).rejects.toThrow(
        /^1 error occurred:\n\t\* Error creating droplet: POST http:\/\/127\.0\.0\.1:\d+\/v2\/droplets: 422 \(request "[^"]+"\) .+\n\n$/,
    );
    expect(api.machines.hosts.size).toBe(0);
});

test("a passing failure is tried again, a lasting one is given up with the number of attempts", async () => {
    let answers = [503, 429, 200];
    const { createServer } = await import("node:http");
    const server = createServer((_request, response) => {
        response.writeHead(answers.shift() ?? 500, { "content-type": "application/json" });
        response.end(
            JSON.stringify({ vpc: { id: "v", created_at: "2026-11-21T00:41:48Z" }, message: "down" }),
        );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const endpoint = `http://127.0.0.1:${port}`;
    configure({ apiEndpoint: endpoint, token: "t", httpRetryMax: 2, httpRetryWaitMin: 0.01 });
    try {
        const read = () => resource("Vpc").read?.("v", { name: "x" }, { name: "x" }, testCall());
        expect((await read())?.outputs.createdAt).toBe("2026-11-21 00:41:48 +0000 UTC");
        answers = [];
        await expect(read()).rejects.toThrow(
            `Error reading VPC: GET ${endpoint}/v2/vpcs/v: 500 down; giving up after 3 attempt(s)`,
        );
    } finally {
        await new Promise<void>((resolve) => server.close(() => resolve()));
    }
    configure({ apiEndpoint: endpoint, token: "t", httpRetryMax: 1, httpRetryWaitMin: 0.01 });
    const gone = resource("Vpc").read?.("v", {}, {}, testCall());
    await expect(gone).rejects.toThrow(`Error reading VPC: Get "${endpoint}/v2/vpcs/v": `);
});

test("a host that does not come up is recorded all the same, so that it can be removed", async () => {
    await using api = await localApi();
    api.machines.before = (call) => {
        if (call.startsWith("createHost")) throw new Error("no memory left");
    };
    const inputs = check(resource("Droplet"), {
        image: "debian-12-x64",
        size: "s-1vcpu-1gb",
        region: "fra1",
    });
    const call = { ...testCall(), timeoutSeconds: 1 };
    const error: unknown = await resource("Droplet")
        .create(inputs, call)
        .catch((failure) => failure);
    expect(isInitError(error) && error.created.id).toMatch(/^\d+$/);
});

test("what is gone is told as gone, and removing it again is no error", async () => {
    await using _api = await localApi();
    for (const kind of ["Droplet", "Vpc", "SshKey", "Tag", "Firewall", "ReservedIp", "Domain"]) {
        const { id, outputs, inputs } = entryOf(kind);
        expect(await resource(kind).read?.(id, outputs, inputs, testCall()), kind).toBeUndefined();
    }
    for (const kind of ["Droplet", "Firewall", "DnsRecord"]) {
        const { id, outputs } = entryOf(kind);
        await resource(kind).delete?.(id, outputs, testCall());
    }
});

test("a firewall without rules, or with a rule without ports, is refused before anything is called", () => {
    const failures = (news: Props) =>
        resource("Firewall").check({ name: "fw", news, olds: {}, seed: new Uint8Array() }).failures;
    expect(failures({ tags: ["web"] })).toEqual([
        { property: "", reason: "At least one rule must be specified" },
    ]);
    expect(failures({ inboundRules: [{ protocol: "tcp" }] })).toHaveLength(1);
    expect(failures({ inboundRules: [{ protocol: "icmp" }] })).toEqual([]);
});

test("a project takes resources in, and hands them back when it goes", async () => {
    await using api = await localApi();
    const droplet = await api.droplet();
    const urn = `do:droplet:${droplet.id}`;
    const project = resource("Project");
    const inputs = check(project, { resources: [urn], description: "d" });
    expect(inputs).toMatchObject({ purpose: "Web Application", __defaults: ["name", "purpose"] });
    const { id, outputs } = await project.create(inputs, testCall());
    expect(outputs).toMatchObject({ description: "d", resources: [urn], isDefault: false });
    expect(project.diff({ olds: outputs, oldInputs: inputs, news: inputs }).details).toEqual({});
    await project.delete?.(id, outputs, testCall());
    expect((await api.call("GET", `/v2/projects/${id}`)).status).toBe(404);
});

test("data functions", async () => {
    await using api = await localApi();
    const droplet = await api.droplet();
    const run = (name: string, args: Props) =>
        digitalocean.functions?.[`digitalocean:index/${name}:${name}`]?.(args);
    expect(await run("getDroplet", { id: droplet.id })).toMatchObject({
        name: droplet.name,
        image: "debian-12-x64",
        status: "active",
    });
    expect(await run("getDroplet", { name: droplet.name })).toMatchObject({ id: droplet.id });
    expect(await run("getImage", { slug: "debian-12-x64" })).toMatchObject({
        slug: "debian-12-x64",
        distribution: "Debian",
        private: false,
    });
    expect(await run("getRegion", { slug: "fra1" })).toMatchObject({ id: "fra1", available: true });
    expect((await run("getRegions", {}))?.regions).toEqual(
        expect.arrayContaining([expect.objectContaining({ slug: "fra1" })]),
    );
    const sizes = (await run("getSizes", { filters: [{ key: "slug", values: ["s-1vcpu-1gb"] }] }))?.sizes;
    expect(sizes).toEqual([expect.objectContaining({ slug: "s-1vcpu-1gb", priceMonthly: 6, memory: 1024 })]);
    expect(await run("getAccount", {})).toMatchObject({ status: "active" });
    await expect(run("getSshKey", { name: "none" })).rejects.toThrow("no ssh key with name none found");
    expect(await run("getVpc", { region: "fra1" })).toMatchObject({ default: true, region: "fra1" });
});
