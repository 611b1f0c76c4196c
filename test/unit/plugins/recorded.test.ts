import { expect, test } from "vitest";
import { digitalocean } from "../../../local/plugins/digitalocean/provider.ts";
import type { Resource } from "../../../local/plugins/kit/resource.ts";
import { list, type Props, reveal, texts } from "../../../local/plugins/kit/values.ts";
import { random } from "../../../local/plugins/random/provider.ts";
import { tls } from "../../../local/plugins/tls/provider.ts";
import { vultr } from "../../../local/plugins/vultr/provider.ts";
import { check, type RecordedResource, recordedState, testCall } from "../../support/plugins.ts";

/** State that the official plugins wrote: stand-ins take it over and would have written the same. */
const resources: Record<string, Resource> = {
    ...digitalocean.resources,
    ...random.resources,
    ...tls.resources,
    ...vultr.resources,
};
const onVultr = recordedState("state-vultr.json").filter(({ type }) => type.startsWith("vultr:"));
const state = [...recordedState("state-digitalocean-random-tls.json"), ...onVultr].map(
    (entry): [string, RecordedResource, Resource] => [
        `${entry.type.split(":").at(-1)} ${entry.name}`,
        entry,
        resources[entry.type] as Resource,
    ],
);

/** What the program gave: the inputs without what Check filled in. */
function given(inputs: Props): Props {
    const defaults = texts(inputs.__defaults);
    const kept = Object.entries(inputs).filter(([name]) => name !== "__defaults" && !defaults.includes(name));
    return Object.fromEntries(kept.map(([name, value]) => [name, withoutDefaults(value)]));
}

function withoutDefaults(value: Props[string]): Props[string] {
    if (Array.isArray(value)) return value.map(withoutDefaults);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).filter(([name]) => name !== "__defaults"));
}

test.each(state)("Check gives the recorded inputs of %s", (_title, { inputs, name }, resource) => {
    const fresh = check(resource, given(inputs), {}, name);
    const { name: recordedName, ...recorded } = inputs;
    const { name: freshName, ...others } = fresh;
    expect(others).toEqual(recorded);
    if (texts(inputs.__defaults).includes("name")) {
        expect(freshName).toMatch(new RegExp(`^${name}-[0-9a-f]{7}$`));
        expect(recordedName).toMatch(new RegExp(`^${name}-[0-9a-f]{7}$`));
    } else expect(freshName).toEqual(recordedName);
});

test.each(state)("Check keeps the recorded name of %s", (_title, { inputs, name }, resource) => {
    expect(check(resource, given(inputs), inputs, name)).toEqual(inputs);
});

test.each(state)("the recorded state of %s is up to date", (_title, { inputs, outputs }, resource) => {
    expect(resource.diff({ olds: outputs, oldInputs: inputs, news: inputs }).details).toEqual({});
});

test.each(state)(
    "an update of %s keeps every recorded output that does not change",
    (_title, { inputs, outputs }, resource) => {
        const { id: _, ...recorded } = outputs;
        expect(reveal(resource.preview(inputs, outputs))).toEqual(recorded);
    },
);

// The recorded keys are not kept, and certificates need them: tls.test.ts makes its own.
const local = state.filter(([, { type }]) => /^(random|tls):/.test(type));
const keyless = local.filter(([, { inputs }]) => !JSON.stringify(inputs).includes("<PEM"));
test.each(keyless)(
    "a new %s has outputs of the same names and kinds",
    async (_title, { inputs, outputs, id }, resource) => {
        const fresh = await resource.create(inputs, testCall());
        const revealed = reveal(fresh.outputs) as Props;
        expect(Object.keys(revealed).sort()).toEqual(Object.keys(outputs).sort());
        for (const [name, value] of Object.entries(outputs)) expect(typeof revealed[name]).toBe(typeof value);
        expect(shape(fresh.id)).toBe(shape(id));
        expect(fresh.id).toBe(revealed.id);
    },
);

// Digits and letters vary, length and punctuation do not.
function shape(id: string): string {
    return /^\d+$/.test(id)
        ? "number"
        : id === "none"
          ? id
          : id.replace(/[\w-]{6}$/, "x").replace(/[0-9a-zA-Z]/g, "x");
}

test.each(local)(
    "a refresh of %s that finds nothing new changes no input",
    async (_title, entry, resource) => {
        const fresh = await resource.read?.(entry.id, entry.outputs, entry.inputs, testCall());
        expect(reveal(fresh?.inputs ?? {})).toEqual(entry.inputs);
    },
);

function decision(type: string, change: Props): Record<string, string> {
    const entry = state.find(([, candidate]) => candidate.type === type)?.[1] as RecordedResource;
    const news = { ...entry.inputs, ...change };
    return (resources[type] as Resource).diff({ olds: entry.outputs, oldInputs: entry.inputs, news }).details;
}

const droplet = "digitalocean:index/droplet:Droplet";
test.each([
    [droplet, { size: "s-1vcpu-2gb" }, { size: "update" }],
    [droplet, { size: "S-1VCPU-1GB" }, {}],
    [droplet, { name: "other" }, { name: "update" }],
    [droplet, { tags: ["web", "extra"] }, { "tags[1]": "add" }],
    [droplet, { tags: ["WEB"] }, {}],
    [droplet, { tags: [] }, { "tags[0]": "delete" }],
    [droplet, { image: "debian-13-x64" }, { image: "update-replace" }],
    [droplet, { region: "ams3" }, { region: "update-replace" }],
    [droplet, { sshKeys: ["1"] }, { "sshKeys[0]": "update-replace" }],
    [droplet, { userData: "#cloud-config\n" }, { userData: "update-replace" }],
    [droplet, { monitoring: false }, { monitoring: "update-replace" }],
    [droplet, { vpcUuid: "other" }, { vpcUuid: "update-replace" }],
    [droplet, { ipv6: true }, { ipv6: "update" }],
    [droplet, { backups: true }, { backups: "update" }],
    ["digitalocean:index/vpc:Vpc", { ipRange: "10.115.0.0/20" }, { ipRange: "update-replace" }],
    ["digitalocean:index/vpc:Vpc", { description: "web" }, { description: "update" }],
    ["digitalocean:index/sshKey:SshKey", { publicKey: "ssh-ed25519 AAAA" }, { publicKey: "update-replace" }],
    ["digitalocean:index/sshKey:SshKey", { name: "other" }, { name: "update" }],
    ["digitalocean:index/tag:Tag", { name: "other" }, { name: "update-replace" }],
    ["digitalocean:index/reservedIp:ReservedIp", { region: "ams3" }, { region: "update-replace" }],
    ["digitalocean:index/reservedIp:ReservedIp", { dropletId: 1003 }, { dropletId: "add" }],
    [
        "digitalocean:index/reservedIpAssignment:ReservedIpAssignment",
        { dropletId: 1003 },
        { dropletId: "update-replace" },
    ],
    ["digitalocean:index/dnsRecord:DnsRecord", { value: "203.0.113.201" }, { value: "update" }],
    ["digitalocean:index/dnsRecord:DnsRecord", { type: "AAAA" }, { type: "update-replace" }],
    ["digitalocean:index/dnsRecord:DnsRecord", { name: "www.example.org." }, {}],
    ["random:index/randomPassword:RandomPassword", { length: 25 }, { length: "update-replace" }],
    ["random:index/randomPassword:RandomPassword", { keepers: { a: "1" } }, { keepers: "add-replace" }],
    [
        "random:index/randomPassword:RandomPassword",
        { number: false },
        { number: "update-replace", numeric: "update-replace" },
    ],
    ["tls:index/privateKey:PrivateKey", { ecdsaCurve: "P384" }, { ecdsaCurve: "update-replace" }],
    [
        "tls:index/selfSignedCert:SelfSignedCert",
        { subject: { commonName: "b" } },
        { "subject.commonName": "update-replace" },
    ],
    ["tls:index/selfSignedCert:SelfSignedCert", { earlyRenewalHours: 24 }, { earlyRenewalHours: "update" }],
    [
        "tls:index/selfSignedCert:SelfSignedCert",
        { earlyRenewalHours: 90000 },
        { earlyRenewalHours: "update", readyForRenewal: "update-replace" },
    ],
])("%s with %j", (type, change, details) => {
    expect(decision(type, change)).toEqual(details);
});

test("a replacement waits for the old one to go where its name was given by hand", () => {
    const wanted = (type: string, change: Props, defaults: string[]): boolean | undefined => {
        const entry = state.find(([, candidate]) => candidate.type === type)?.[1] as RecordedResource;
        const news = { ...entry.inputs, ...change, __defaults: defaults };
        return resources[type]?.diff({ olds: entry.outputs, oldInputs: entry.inputs, news })
            .deleteBeforeReplace;
    };
    expect(wanted(droplet, { image: "debian-13-x64" }, ["name", "resizeDisk"])).toBe(false);
    expect(wanted(droplet, { image: "debian-13-x64" }, ["resizeDisk"])).toBe(true);
    expect(wanted(droplet, { size: "s-1vcpu-2gb" }, ["resizeDisk"])).toBe(false);
    expect(wanted("digitalocean:index/reservedIpAssignment:ReservedIpAssignment", { dropletId: 1 }, [])).toBe(
        false,
    );
});

test("rules in another order are the same firewall", () => {
    const type = "digitalocean:index/firewall:Firewall";
    const entry = state.find(([, candidate]) => candidate.type === type)?.[1] as RecordedResource;
    const rules = [...list(entry.inputs.inboundRules)].reverse();
    expect(decision(type, { inboundRules: rules })).toEqual({});
});
