import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checksum } from "../../src/content/manifest.ts";
import { type ContentHost, contentHost } from "../support/contentHost.ts";
import { type TestStack, testStack } from "../support/engine.ts";
import { succeeded } from "../support/flagship.ts";

/** A pool with many files, as the engine shows it and keeps it. */
let hosts: ContentHost[];
let stack: TestStack;
const FILES = 3000;
const PIN = "a secret of many words";

const program = () => `import * as pulumi from "@pulumi/pulumi";
import * as evenkeel from "evenkeel";

const places = ${JSON.stringify(hosts.map(({ target: { connection } }) => ({ port: connection.port, hostKey: connection.hostKey })))};
const config = new pulumi.Config();
const hosts = ["alpha", "beta"].map((name, i) => ({
    name,
    privateAddress: \`10.0.0.\${i + 1}\`,
    connection: { host: "127.0.0.1", privateKey: config.requireSecret("key"), ...places[i]! },
}));
new evenkeel.WebPool("web", {
    hosts,
    folder: "./public",
    files: {
        "index.html": \`<h1>\${config.get("greeting") ?? "Hello"}</h1>\\n\`,
        "config.php": config.requireSecret("pin"),
    },
});
`;

const page = (i: number) => join(stack.folder, `public/pages/${i}.html`);
beforeAll(async () => {
    hosts = [await contentHost(), await contentHost()];
    const secrets = { key: hosts[0]!.target.connection.privateKey, pin: PIN };
    stack = await testStack({ files: { "index.ts": program() }, secrets });
    mkdirSync(join(stack.folder, "public/pages"), { recursive: true });
    for (let i = 0; i < FILES; i++) writeFileSync(page(i), `page ${i} of the folder\n`);
    writeFileSync(join(stack.folder, "public/.env"), "secret");
});
afterAll(async () => {
    stack?.remove();
    for (const host of hosts ?? []) await host[Symbol.asyncDispose]();
});

/** The last state as it lies in the backend. */
function state(): string {
    const folder = join(stack.backend, ".pulumi/stacks/test");
    return readFileSync(join(folder, readdirSync(folder).find((name) => name === "test.json")!), "utf8");
}

/** What the library's own programs take of it. */
function installed(checkpoint: string): number {
    const { resources } = JSON.parse(checkpoint).checkpoint.latest;
    const ofPrograms = resources.filter(({ urn }: { urn: string }) => urn.endsWith("-install"));
    return ofPrograms.reduce((sum: number, each: unknown) => sum + JSON.stringify(each).length, 0);
}

test("a first preview tells how many files there are, and what of the folder is not served", async () => {
    const preview = succeeded(await stack.preview());
    expect(preview).toContain("web: 3,002 files");
    expect(preview).toContain("./public: left out: .env (hidden)");
    expect(preview.length).toBeLessThan(5000);
});

test("up keeps each file's checksum once, whatever the hosts; a second one connects to nobody", async () => {
    succeeded(await stack.up());
    const checkpoint = state();
    expect(checkpoint).not.toContain("page 7 of the folder");
    expect(checkpoint).not.toContain(Buffer.from("page 7 of the folder\n").toString("base64"));
    expect(checkpoint.match(/pages\/7\.html/g)).toHaveLength(1);
    expect(checkpoint.length - installed(checkpoint)).toBeLessThan(FILES * 120 + 100_000);
    const connections = () => hosts.map((host) => host.connections());
    const before = connections();
    succeeded(await stack.up("--expect-no-changes"));
    expect(connections()).toEqual(before);
});

test("no secret is in plain in the state, nor a checksum of one", async () => {
    const checkpoint = state();
    expect(checkpoint).not.toContain(PIN);
    expect(checkpoint).toContain("secret  config.php");
    expect(checkpoint).not.toContain(checksum(PIN));
});

test("a preview names the files that a change adds, changes and removes, and no others", async () => {
    writeFileSync(page(7), "another page\n");
    writeFileSync(join(stack.folder, "public/new.css"), "");
    rmSync(page(8));
    const preview = succeeded(await stack.preview("--diff"));
    expect(preview).toContain(
        "web: files: 1 added, 1 changed, 1 removed, 3,000 as before\n  + new.css\n  ~ pages/7.html\n  - pages/8.html",
    );
    expect(preview).not.toContain("pages/9.html");
    expect(preview.length).toBeLessThan(10_000);
    succeeded(await stack.up());
    succeeded(await stack.up("--expect-no-changes"));
});

test("a short text of the program is a diff of lines, and thousands of changes are counted", async () => {
    await stack.pulumi("config", "set", "greeting", "Good evening");
    for (let i = 0; i < FILES; i++) writeFileSync(page(i), `page ${i}, changed\n`);
    const preview = succeeded(await stack.preview("--diff"));
    expect(preview).toMatch(/- +<h1>Hello<\/h1>/);
    expect(preview).toMatch(/\+ +<h1>Good evening<\/h1>/);
    expect(preview).toContain("1 added, 3,000 changed, 0 removed");
    expect(preview).toContain("and 2,980 in pages/");
    expect(preview.length).toBeLessThan(20_000);
});
