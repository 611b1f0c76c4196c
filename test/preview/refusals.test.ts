import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestApi, testApi, tokens } from "../support/digitalocean.ts";
import { asUsers, type TestStack, testStack } from "../support/engine.ts";

/** Mistakes in the arguments, as the engine shows them to whoever made them. */
let api: TestApi;
let stack: TestStack;
beforeAll(async () => {
    api = await testApi();
    stack = await testStack({
        files: { "index.ts": "" },
        env: { DIGITALOCEAN_API_URL: api.url, ...asUsers },
    });
});
afterAll(async () => {
    stack?.remove();
    await api?.[Symbol.asyncDispose]();
});

const head = `import * as evenkeel from "evenkeel";
import * as pulumi from "@pulumi/pulumi";

const host = (name: string, i = 1) => ({
    name,
    privateAddress: "10.0.0." + i,
    connection: { host: "10.0.0." + i, privateKey: "-----BEGIN PRIVATE KEY-----", hostKey: "ssh-ed25519 AAAA" },
});
const placement = { cloud: "digitalocean", region: "fra1", network: "n", sshKey: "1", privateKey: "-----BEGIN PRIVATE KEY-----", tag: "t" } as const;
`;

/** What the engine says of a program that it does not take, and of nothing else. */
async function diagnosticsOf(program: string, run: "up" | "preview" = "preview"): Promise<string> {
    writeFileSync(join(stack.folder, "index.ts"), `${head}\n${program}\n`);
    const { exitCode, output } = await stack[run]();
    expect(exitCode, output).not.toBe(0);
    const [, diagnostics = ""] = output.split("Diagnostics:\n");
    return diagnostics
        .split("Resources:")[0]!
        .replaceAll(/file:\S+\//g, "file:")
        .replace(/'\/\S+\//, "'");
}

const unhandled = `  pulumi:pulumi:Stack (test-test):
    error: Running program 'index.ts' failed with an unhandled exception:`;

async function isEmpty(): Promise<boolean> {
    const { deployment } = JSON.parse((await stack.pulumi("stack", "export")).output);
    const types = (deployment.resources ?? []).map(({ type }: { type: string }) => type);
    return types.every((type: string) => type === "pulumi:pulumi:Stack");
}

test("several mistakes at once are one error that names each, and nothing is registered", async () => {
    const program = `new evenkeel.WebPool("web", {
    hosts: [host("a"), host("a")], placement, hostCount: 0, port: 70000, healthPath: "healthz",
});`;
    expect(await diagnosticsOf(program, "up")).toBe(`${unhandled}
    WebPool "web" cannot be made from these arguments:
      hostCount: 0 is not a number of hosts: give a whole number from 1 to 100
      hosts[1].name: "a" is another host's name already
      port: 70000 is not a port: give a whole number from 1 to 65535
      healthPath: "healthz" is not a path that hosts can answer: start it with /, and use letters, digits and . _ - ~ @ + between slashes
        at file:index.ts:11:1

`);
    expect(await isEmpty()).toBe(true);
});

test("a program that no TypeScript has read ends in words, too", async () => {
    const program = `const args: any = { hosts: "a", hostcount: "3", port: null, files: [host] };
new evenkeel.WebPool("web", args);`;
    expect(await diagnosticsOf(program)).toBe(`${unhandled}
    WebPool "web" cannot be made from these arguments:
      hostcount: there is no such argument: did you mean \`hostCount\`?
      hosts: is a text: give a component's \`hosts\`, or a list of hosts
      files: is a list: give texts by their paths
      port: is null: give a whole number from 1 to 65535
        at file:index.ts:12:1

`);
});

test("a host without its key is refused, also when its connection is known late, and told once", async () => {
    const program = (connection: string) => `
const { hostKey, ...open } = host("a").connection;
new evenkeel.WebPool("web", { hosts: [{ ...host("a"), connection: ${connection} as any }] });`;
    const reason = "connection.hostKey: is missing: give a host's public key";
    expect(await diagnosticsOf(program("open"))).toContain(`      hosts[0].${reason}\n`);
    const late = await diagnosticsOf(program("pulumi.output(Promise.resolve(open))"));
    expect(late).toBe(`${unhandled}
    Host "a" cannot be made from these arguments:
      ${reason}

`);
});

test("what an output turns out to hold is told in words, each once, with no stack", async () => {
    const program = `
const late = <T>(value: T) => pulumi.output(Promise.resolve(value));
const cloud = { cloud: "digitalocean", id: late("7; reboot"), region: "fra1" } as const;
const [a, b] = [host("a", 1), { ...host("b", 2), ...cloud }];
new evenkeel.WebPool("web", { hosts: [a], files: { "a.bin": late("\\0") } });
new evenkeel.LoadBalancerPair("lb", {
    hosts: [{ ...a, ...cloud, id: "7" }, b], http: [{ backends: [a] }], failoverToken: late("a\\nX-Other: b"),
});
new evenkeel.Memcached("cache", { hosts: [a], clients: [{ ...host("c", 3), privateAddress: late("c.internal") }] });
const shop = new evenkeel.WebPool("shop", { hosts: [a], port: 8080, documentRoot: "/srv/shop", php: true });
const mail = { host: "smtp.example.com", from: "shop@example.com", user: "shop" };
new evenkeel.WebApp("app", { pool: shop, mail: { ...mail, password: late("a\\nuser b") } });`;
    const diagnostics = await diagnosticsOf(program);
    const told = diagnostics.split(/^ {4}error: /m).slice(1);
    expect(
        told.map((each) =>
            each
                .trim()
                .split("\n")
                .slice(-2)
                .map((line) => line.trim()),
        ),
    ).toEqual(
        expect.arrayContaining([
            ['WebPool "web" cannot be made from these arguments:', expect.stringMatching(/^files\.a\.bin: /)],
            [
                'LoadBalancerPair "lb" cannot be made from these arguments:',
                expect.stringMatching(/^hosts\.id: /),
            ],
            [
                'LoadBalancerPair "lb" cannot be made from these arguments:',
                expect.stringMatching(/^failoverToken: /),
            ],
            ['WebApp "app" cannot be made from these arguments:', expect.stringMatching(/^mail\.password: /)],
            [
                'Host "c" cannot be made from these arguments:',
                expect.stringMatching(/^privateAddress: "c\.internal"/),
            ],
        ]),
    );
    expect(diagnostics).not.toMatch(/X-Other|user b|^ +at /m);
});

const site = (region: string, size: string) => `
const site = new evenkeel.Site("shop", { cloud: "digitalocean", region: "${region}" });
new evenkeel.WebPool("web", { placement: site.placement, hostCount: 3, size: "${size}" });`;

test("a region and a size that the cloud lacks are told by a preview, each once", async () => {
    await stack.pulumi("config", "set", "--secret", "digitalocean:token", tokens.token);
    expect(await diagnosticsOf(site("fra2", "s-1vcpu-1gb"))).toBe(`  pulumi:pulumi:Stack (test-test):
    error: Site "shop" cannot be made from these arguments:
      region: "fra2" is no region of the cloud: did you mean "fra1"?

`);
    expect(await diagnosticsOf(site("fra1", "s-1vcpu-1tb"), "up")).toBe(`  pulumi:pulumi:Stack (test-test):
    error: WebPool "web" cannot be made from these arguments:
      size: "s-1vcpu-1tb" is no size of the cloud: did you mean "s-1vcpu-1gb"?

`);
    expect(api.machines.hosts.size).toBe(0);
});

test("without a token, and with one that is refused, a preview of the same program is there", async () => {
    for (const token of [undefined, "dop_v1_expired"]) {
        await stack.pulumi("config", "rm", "digitalocean:token");
        if (token) await stack.pulumi("config", "set", "--secret", "digitalocean:token", token);
        const { exitCode, output } = await stack.preview();
        expect(exitCode, output).toBe(0);
        expect(output).toMatch(/\+\s+digitalocean:index:Droplet\s+web-2\s+create/);
    }
});
