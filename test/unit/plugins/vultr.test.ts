import * as sdk from "@ediri/vultr";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { isInitError, type Resource } from "../../../local/plugins/kit/resource.ts";
import { type Props, reveal, UNKNOWN } from "../../../local/plugins/kit/values.ts";
import { configure } from "../../../local/plugins/vultr/api.ts";
import { vultr } from "../../../local/plugins/vultr/provider.ts";
import { failure, fakeVultr, KEY } from "../../support/fakeVultr.ts";
import { check, testCall } from "../../support/plugins.ts";

function resource(name: string): Resource {
    const type = Object.keys(vultr.resources).find((candidate) => candidate.endsWith(`:${name}`));
    return vultr.resources[type ?? ""] as Resource;
}

const wanted: Record<string, Props> = {
    DnsDomain: { domain: "example.org", ip: "203.0.113.200" },
    DnsRecord: { domain: "example.org", name: "www", type: "A", data: "203.0.113.200" },
    FirewallGroup: {},
    FirewallRule: {
        firewallGroupId: "g",
        ipType: "v4",
        protocol: "tcp",
        subnet: "10.0.0.0",
        subnetSize: 8,
        port: "80",
    },
    Instance: { region: "fra", plan: "vc2-1c-1gb", osId: 2136, label: "web-0" },
    ReservedIp: { region: "fra", ipType: "v4" },
    SSHKey: { name: "key", sshKey: "ssh-ed25519 AAAA" },
    StartupScript: { name: "boot", script: "IyEvYmluL3NoCg==" },
    Vpc: { region: "fra", v4Subnet: "10.20.0.0", v4SubnetMask: 24 },
};

/** What Check fills in, where the recording does not show it. */
const filled: Record<string, Props> = {
    DnsDomain: { dnsSec: "disabled" },
    DnsRecord: { ttl: 3600 },
    FirewallGroup: { description: "" },
    FirewallRule: { notes: "", source: "" },
    Instance: { backups: "disabled", ddosProtection: false, isoId: "", userScheme: "root" },
    ReservedIp: { label: "" },
    SSHKey: {},
    StartupScript: { type: "boot" },
    Vpc: { description: "" },
};

/** What the official provider changes without another resource. */
const changes: Record<string, [change: Props, call: string]> = {
    DnsDomain: [{ dnsSec: "enabled" }, "PUT /v2/domains/example.org"],
    DnsRecord: [{ ttl: 60, priority: 10 }, "PATCH"],
    FirewallGroup: [{ description: "web" }, "PUT"],
    Instance: [{ label: "web" }, "PATCH"],
    ReservedIp: [{ label: "web" }, "PATCH"],
    SSHKey: [{ name: "other" }, "PATCH"],
    StartupScript: [{ script: "IyEvYmluL2Jhc2gK" }, "PATCH"],
    Vpc: [{ description: "web" }, "PUT"],
};

describe.each(Object.keys(wanted))("%s", (kind) => {
    const subject = resource(kind);

    test("Check fills in every default, the empty ones too", () => {
        expect(check(subject, wanted[kind] as Props)).toEqual({
            ...wanted[kind],
            ...filled[kind],
            __defaults: Object.keys(filled[kind] as Props),
        });
    });

    test("what is made is up to date, can be changed, and goes", async () => {
        await using api = await fakeVultr();
        const inputs = check(subject, wanted[kind] as Props);
        const { id, outputs } = await subject.create(inputs, testCall());
        const olds = reveal(outputs) as Props;
        expect(olds).toMatchObject(kind === "Instance" ? { status: "active" } : (wanted[kind] as Props));
        expect(Object.keys(olds).sort()).toEqual(["id", ...Object.keys(subject.preview({}))].sort());
        expect(Object.values(olds)).not.toContain(UNKNOWN);
        expect(subject.diff({ olds, oldInputs: inputs, news: inputs }).details).toEqual({});
        const fresh = await subject.read?.(id, olds, inputs, testCall());
        expect({ ...fresh, outputs: reveal(fresh?.outputs ?? {}) }).toEqual({ id, inputs, outputs: olds });

        const [change, method] = changes[kind] ?? [{}, ""];
        if (method !== "") {
            api.asked.length = 0;
            const updated = await subject.update?.(id, olds, { ...inputs, ...change }, testCall());
            expect(reveal(updated ?? {})).toEqual({ ...olds, ...change });
            expect(api.asked[0]?.startsWith(method)).toBe(true);
        }
        await subject.delete?.(id, olds, testCall());
        expect([...api.items]).toEqual([]);
        expect(await subject.read?.(id, olds, inputs, testCall())).toBeUndefined();
    });

    test("has every property that the SDK knows", async () => {
        await pulumi.runtime.setMocks({
            newResource: ({ inputs }) => ({ id: "id", state: inputs }),
            call: ({ inputs }) => inputs,
        });
        const classes = sdk as unknown as Record<string, new (name: string, args: unknown) => object>;
        const Class = classes[kind] as (typeof classes)[string];
        const known = Object.keys(new Class("x", wanted[kind])).filter(
            (name) => !/^(__|urn$|id$)/.test(name),
        );
        expect(Object.keys(subject.preview({}))).toEqual(expect.arrayContaining(known));
        expect(known.length).toBeGreaterThan(2);
    });
});

test("names are made up where none are given", () => {
    for (const kind of ["DnsRecord", "SSHKey", "StartupScript"]) {
        const { name: _, ...unnamed } = wanted[kind] as Props;
        expect(check(resource(kind), unnamed, {}, "mine").name, kind).toMatch(/^mine-[0-9a-f]{7}$/);
    }
});

test.each<[kind: string, change: Props, reason: string]>([
    ["FirewallRule", { ipType: "ipv4" }, 'expected ip_type to be one of ["v4" "v6"], got ipv4'],
    ["FirewallRule", { subnet: "10.0.0.0/8" }, "expected subnet to contain a valid IP, got: 10.0.0.0/8"],
    ["ReservedIp", { ipType: "v5" }, 'expected ip_type to be one of ["v4" "v6"], got v5'],
    ["Instance", { backups: "no" }, 'expected backups to be one of ["enabled" "disabled"], got no'],
    ["Instance", { plan: "" }, '"plan" must not be zero value, got '],
    ["Vpc", { v4Subnet: "10.0.0" }, "expected v4_subnet to contain a valid IPv4 address, got: 10.0.0"],
    ["StartupScript", { script: "#!/bin/sh" }, 'expected "script" to be a base64 string, got #!/bin/sh'],
    ["DnsDomain", { dnsSec: "on" }, 'expected dns_sec to be one of ["disabled" "enabled"], got on'],
    ["DnsDomain", { ip: "here" }, "expected ip to contain a valid IP, got: here"],
])("%s with %j is refused before anything is called", (kind, change, reason) => {
    const request = { name: "x", olds: {}, seed: new Uint8Array() };
    const failures = (news: Props) => resource(kind).check({ ...request, news }).failures;
    const news = { ...wanted[kind], ...change };
    expect(failures(news)).toEqual([{ property: Object.keys(change)[0], reason }]);
    expect(failures(wanted[kind] as Props)).toEqual([]);
    const unknown = Object.fromEntries(Object.keys(change).map((name) => [name, UNKNOWN]));
    expect(failures({ ...wanted[kind], ...unknown })).toEqual([]);
});

test("the API is asked at VULTR_API_URL, with VULTR_API_KEY", async () => {
    await using fake = await fakeVultr();
    // Nobody else is to have what was read with these.
    onTestFinished(() => void vi.resetModules());
    vi.stubEnv("VULTR_API_URL", fake.url);
    const ask = async (key: string) => {
        vi.stubEnv("VULTR_API_KEY", key);
        vi.resetModules();
        const { api } = await import("../../../local/plugins/vultr/api.ts");
        return api("GET", "/v2/vpcs/none");
    };
    await expect(ask(KEY)).rejects.toThrow("Invalid VPC ID.");
    await expect(ask("another")).rejects.toThrow("Invalid API token.");
});

test("an API error is told as it came", async () => {
    await using api = await fakeVultr();
    api.instead["POST /v2/instances"] = [failure("Invalid plan.", 400)];
    const inputs = check(resource("Instance"), wanted.Instance as Props);
    await expect(resource("Instance").create(inputs, testCall())).rejects.toThrow(
        '1 error occurred:\n\t* error creating server: {"error":"Invalid plan.","status":400}\n\n',
    );
});

test("a passing failure is tried again, a lasting one is given up with the number of attempts", async () => {
    const api = await fakeVultr();
    const path = "GET /v2/vpcs/v";
    const vpc = { id: "v", region: "fra", description: "" };
    const read = () => resource("Vpc").read?.("v", {}, {}, testCall());
    api.instead[path] = [failure("down", 503), failure("slow", 429), { status: 200, body: { vpc } }];
    expect((await read())?.outputs).toMatchObject({ region: "fra" });
    api.instead[path] = [500, 500, 500].map((status) => ({ status, body: 'a "bad" day\n' }));
    await expect(read()).rejects.toThrow(
        'error getting VPC: gave up after 3 attempts, last error: "a \\"bad\\" day"',
    );
    expect(api.asked).toHaveLength(6);
    await api[Symbol.asyncDispose]();
    await expect(read()).rejects.toThrow(
        `error getting VPC: gave up after 3 attempts, last error : Get "${api.url}/v2/vpcs/v": `,
    );
});

test("settings of the program's provider are taken as the text that the SDK sends, and 0 is the default", async () => {
    await using api = await fakeVultr();
    const gaveUp = async (settings: Record<string, string>) => {
        configure({ apiEndpoint: api.url, apiKey: KEY, rateLimit: "1", ...settings });
        api.instead["GET /v2/vpcs/v"] = [500, 500, 500, 500].map((status) => failure("down", status));
        return expect(resource("Vpc").read?.("v", {}, {}, testCall())).rejects;
    };
    await (await gaveUp({ retryLimit: "0", rateLimit: "0" })).toThrow("after 4 attempts");
    await (await gaveUp({ retryLimit: "1" })).toThrow("after 2 attempts");
});

test("another error than the one that says so does not make a resource gone", async () => {
    await using api = await fakeVultr();
    const paths: Record<string, string> = {
        DnsDomain: "domains/x",
        FirewallGroup: "firewalls/x",
        FirewallRule: "firewalls/g/rules/x",
        Instance: "instances/x",
        ReservedIp: "reserved-ips/x",
        SSHKey: "ssh-keys/x",
        StartupScript: "startup-scripts/x",
        Vpc: "vpcs/x",
    };
    for (const [kind, path] of Object.entries(paths)) {
        const read = () => resource(kind).read?.("x", wanted[kind] as Props, {}, testCall());
        expect(await read(), kind).toBeUndefined();
        api.instead[`GET /v2/${path}`] = [{ status: 404, body: '{"error": "Not here", "status": 404}' }];
        await expect(read(), kind).rejects.toThrow("Not here");
    }
});

test("an instance that does not come up is recorded all the same, its password as a secret", async () => {
    await using api = await fakeVultr();
    const inputs = check(resource("Instance"), wanted.Instance as Props);
    const instance = { id: "i", default_password: "first" };
    const pending = { status: 200, body: { instance: { ...instance, status: "pending" } } };
    api.instead["POST /v2/instances"] = [{ status: 202, body: { instance } }];
    api.instead["GET /v2/instances/i"] = Array.from({ length: 20 }, () => pending);
    const call = { ...testCall(), timeoutSeconds: 1 };
    const error: unknown = await resource("Instance")
        .create(inputs, call)
        .catch((failure) => failure);
    if (!isInitError(error)) throw new Error("nothing is recorded");
    expect(error.message).toContain(
        "error while waiting for Server i to be completed: timeout while waiting",
    );
    expect(error.created).toMatchObject({
        id: "i",
        outputs: { label: "web-0", mainIp: null, imageId: null },
    });
    expect(error.created.outputs.defaultPassword).toMatchObject({ value: "first" });
});
