import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestApi, testApi, tokens } from "../support/digitalocean.ts";
import { type TestStack, testStack } from "../support/engine.ts";

/** The stand-in plugins under the real engine: what it prints is what it prints with the official ones. */
let api: TestApi;
let stack: TestStack;

interface Variant {
    tags: string[];
    webPort: number;
    holder: number;
    size: string;
}

const first: Variant = { tags: ["web"], webPort: 80, holder: 0, size: "s-1vcpu-1gb" };

function program({ tags, webPort, holder, size }: Variant): string {
    return `
import * as digitalocean from "@pulumi/digitalocean";
import * as tls from "@pulumi/tls";

const any = ["0.0.0.0/0", "::/0"];
const ssh = new tls.PrivateKey("ssh", { algorithm: "ED25519" });
const tag = new digitalocean.Tag("tag", { name: "web" });
const dom = new digitalocean.Domain("dom", { name: "example.org" });
const ip = new digitalocean.ReservedIp("ip", { region: "fra1" });
const vpc = new digitalocean.Vpc("vpc", { region: "fra1", ipRange: "10.114.0.0/20" });
const key = new digitalocean.SshKey("key", { publicKey: ssh.publicKeyOpenssh });
const fw = new digitalocean.Firewall("fw", {
    tags: [tag.name],
    inboundRules: [
        { protocol: "tcp", portRange: "22", sourceAddresses: any },
        { protocol: "tcp", portRange: "${webPort}", sourceTags: [tag.name] },
        { protocol: "icmp", sourceAddresses: ["0.0.0.0/0"] },
    ],
    outboundRules: ["tcp", "udp"].map((protocol) => ({ protocol, portRange: "1-65535", destinationAddresses: any })),
});
const hosts = [0, 1].map((i) => new digitalocean.Droplet("web-" + i, {
    region: "fra1", size: "${size}", image: "debian-12-x64", monitoring: true, vpcUuid: vpc.id,
    sshKeys: [key.fingerprint], tags: [tag.name, ...${JSON.stringify(tags.slice(1))}],
    userData: "#cloud-config\\nhostname: web\\n",
}));
new digitalocean.ReservedIpAssignment("ip", { ipAddress: ip.ipAddress, dropletId: hosts[${holder}]!.id.apply(Number) });
new digitalocean.DnsRecord("www", { domain: dom.name, type: "A", name: "www", value: ip.ipAddress, ttl: 60 });
export const addresses = hosts.map((host) => host.ipv4Address);
`;
}

function change(variant: Partial<Variant>): void {
    writeFileSync(join(stack.folder, "index.ts"), program({ ...first, ...variant }));
}

beforeAll(async () => {
    api = await testApi();
    const env = { DIGITALOCEAN_API_URL: api.url, DIGITALOCEAN_TOKEN: tokens.token };
    stack = await testStack({ files: { "index.ts": program(first) }, env, startsPlugins: true });
});

afterAll(async () => {
    stack?.remove();
    await api?.[Symbol.asyncDispose]();
});

test("what is deployed is up to date, also after a refresh", async () => {
    const up = await stack.up();
    expect(up.exitCode, up.output).toBe(0);
    const again = await stack.preview("--expect-no-changes", "--diff");
    expect(again.exitCode, again.output).toBe(0);
    const refresh = await stack.refresh();
    expect(refresh.exitCode, refresh.output).toBe(0);
    const after = await stack.preview("--expect-no-changes", "--diff");
    expect(after.exitCode, after.output).toBe(0);
});

test("updates and a moved address read as with the official plugin", async () => {
    change({ tags: ["web", "extra"], webPort: 443, holder: 1 });
    const preview = await stack.preview("--diff");
    expect(preview.exitCode, preview.output).toBe(0);
    expect(essence(preview.output)).toEqual(recorded("DigitalOcean: tag added"));
    const up = await stack.up();
    expect(up.exitCode, up.output).toBe(0);
});

test("another size reads as with the official plugin, and is an update", async () => {
    change({ tags: ["web", "extra"], webPort: 443, holder: 1, size: "s-1vcpu-2gb" });
    const preview = await stack.preview("--diff");
    expect(essence(preview.output)).toEqual(recorded("DigitalOcean: size changed"));
    const up = await stack.up();
    expect(up.exitCode, up.output).toBe(0);
    expect([...api.machines.hosts.values()].map(({ spec }) => spec.memoryMb)).toEqual([2048, 2048]);
});

test("everything goes, and nothing is left in the cloud", async () => {
    const destroy = await stack.destroy();
    expect(destroy.exitCode, destroy.output).toBe(0);
    expect(api.machines.hosts.size).toBe(0);
    for (const kind of ["droplets", "firewalls", "reserved_ips", "domains"])
        expect((await api.call("GET", `/v2/${kind}`)).body[kind]).toEqual([]);
});

/** A recorded preview, as its set of lines about resources: their order is by chance. */
function recorded(title: string): string[] {
    const sections = readFileSync("test/recorded/previews.txt", "utf8").split(/^== /m);
    const section = sections.find((candidate) => candidate.startsWith(title)) ?? "";
    return essence(section);
}

function essence(output: string): string[] {
    const body = output.replace(/^[\s\S]*?Previewing update.*\n/, "").replace(/\nResources:[\s\S]*$/, "");
    const kept = body.split("\n").filter((line) => line.trim() !== "" && !/\[(urn|provider)=/.test(line));
    const resources = kept.join("\n").split(/\n(?= {4}\S)/);
    return resources.map(withoutIds).sort();
}

function withoutIds(block: string): string {
    return block.replace(/\[id=.*\]/, "[id]").replace(/dropletId: \d+ => \d+/, "dropletId: A => B");
}
