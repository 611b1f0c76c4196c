import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { ensureEngine } from "../../tools/engine/engine.ts";
import { checkout } from "../../tools/paths.ts";
import { type TestStack, type TestStackOptions, testStack } from "../support/engine.ts";
import { succeeded } from "../support/flagship.ts";
import { blocks, commandsIn } from "../support/readme.ts";
import { keyPair } from "../support/sshServer.ts";

const read = (file: string) => readFileSync(join(checkout, file), "utf8");

/** The README's program, and the lines that it gives for more, after what they stand on. */
const [
    program = "",
    mine = "",
    balancers = "",
    folder = "",
    php = "",
    second = "",
    webApp = "",
    wordPress = "",
    apache = "",
    release = "",
    groups = "",
    listeners = "",
    nginx = "",
    https = "",
    syncs = "",
    sessions = "",
    databases = "",
    ,
    cost = "",
] = blocks("ts");
/** The lines of a document that configure hosts of one's own. */
const ownHosts = (document: string) => {
    const lines = blocks("sh", read(document)).find((block) => block.includes("sshKey")) ?? "";
    const set = commandsIn(lines).filter((line) => line.startsWith("pulumi config set "));
    return set.map((line) => line.replace("AAAA…", "AAAA"));
};

/** A preview of what is not there yet asks the cloud nothing where there is no token. */
const env = { DIGITALOCEAN_API_URL: "http://127.0.0.1:9" };

async function withStack(options: TestStackOptions, work: (stack: TestStack) => Promise<void>) {
    const stack = await testStack({ env, ...options });
    try {
        await work(stack);
    } finally {
        stack.remove();
    }
}

const beginning = `import * as pulumi from "@pulumi/pulumi";
import * as evenkeel from "evenkeel";
const site = new evenkeel.Site("shop", { cloud: "digitalocean", region: "fra1" });
const failoverToken = new pulumi.Config().requireSecret("failoverToken");
`;

const files = {
    "index.ts": program,
    "mine.ts": `import * as pulumi from "@pulumi/pulumi";
import * as evenkeel from "evenkeel";
const config = new pulumi.Config();
${mine}
export const { hosts } = web;
`,
    "files.ts": `import * as pulumi from "@pulumi/pulumi";
import * as evenkeel from "evenkeel";
const config = new pulumi.Config();
const site = new evenkeel.Site("shop", { cloud: "digitalocean", region: "fra1" });
${folder}
export const { hosts } = web;
`,
    "balancers.ts": `${beginning}
const web = new evenkeel.WebPool("web", { placement: site.placement });
const http = [{ backends: web.hosts }];
${balancers}
export const urls = [lb.url, cheap.url, cluster.url];
`,
    "php.ts": `import * as evenkeel from "evenkeel";
declare const site: evenkeel.Site;
declare const failoverToken: string;
${php}
export const { url } = lb;
`,
    "second.ts": `${program}
${second}
export const { user } = blog;
`,
    "apache.ts": `${program}
${apache}
export const { hosts } = shop;
`,
    "release.ts": `import * as pulumi from "@pulumi/pulumi";
import * as evenkeel from "evenkeel";
const config = new pulumi.Config();
const site = new evenkeel.Site("shop", { cloud: "digitalocean", region: "fra1" });
${release}
export const { hosts } = shop;
`,
    "groups.ts": `import * as evenkeel from "evenkeel";
declare const site: evenkeel.Site;
${groups}
export const { hosts } = grouped;
`,
    "listeners.ts": `import * as pulumi from "@pulumi/pulumi";
import * as evenkeel from "evenkeel";
declare const site: evenkeel.Site;
declare const config: pulumi.Config;
declare const web: evenkeel.WebPool, api: evenkeel.WebPool, shop: evenkeel.WebPool, mail: evenkeel.WebPool;
declare const failoverToken: string, certificate: string;
${listeners}
`,
    "nginx.ts": `import * as evenkeel from "evenkeel";
declare const site: evenkeel.Site;
declare const web: evenkeel.WebPool;
declare const failoverToken: string;
${nginx}
export const { url } = lb;
`,
    "https.ts": `import * as evenkeel from "evenkeel";
declare const site: evenkeel.Site;
declare const web: evenkeel.WebPool;
declare const failoverToken: string;
${https}
export const { url } = lb;
`,
    "syncs.ts": `${program}
${syncs}
export const { hosts } = uploads;
export const { source } = pages;
`,
    "webApp.ts": `${program}
declare const config: pulumi.Config;
declare const db: evenkeel.GaleraCluster;
${webApp}
export const { hosts } = app;
`,
    "wordPress.ts": `${program}
declare const config: pulumi.Config, failoverToken: string;
declare const db: evenkeel.GaleraCluster;
${wordPress}
export const { url: wordPressUrl } = front;
`,
    "sessions.ts": `import * as evenkeel from "evenkeel";
declare const site: evenkeel.Site;
${sessions}
export const { phpPool } = accounts;
`,
    "databases.ts": `${program}
${databases}
export const { connection } = shop;
`,
    "cost.ts": `${program}
${cost}
`,
    "tsconfig.json": JSON.stringify({
        compilerOptions: {
            target: "es2024",
            module: "nodenext",
            strict: true,
            exactOptionalPropertyTypes: true,
            skipLibCheck: true,
            noEmit: true,
            typeRoots: [join(checkout, "node_modules/@types")],
            types: ["node"],
        },
        include: ["*.ts"],
    }),
};

test("the README's programs type-check, and the whole one previews as it stands", async () => {
    await withStack({ files, secrets: { failoverToken: "dop_v1_secret" } }, async (stack) => {
        const tsc = join(checkout, "node_modules/.bin/tsc");
        const checked = await execa(tsc, ["-p", stack.folder], { reject: false });
        expect(checked.stdout).toBe("");
        expect(checked.exitCode).toBe(0);

        const shown = succeeded(await stack.preview());
        for (const name of ["shop", "web", "lb"])
            expect(shown).toMatch(new RegExp(` evenkeel:index:\\w+ +${name} `));
        expect(shown).toContain("web-2-web");
        expect(shown).toMatch(/\+ \d+ to create/);
    });
});

/** Runs commands of the README in a project's folder, as a user's shell would. */
async function shell(stack: TestStack, lines: string[], input = ""): Promise<void> {
    const engine = await ensureEngine();
    const home = mkdtempSync(join(tmpdir(), "evenkeel-home-"));
    mkdirSync(join(home, ".ssh"));
    writeFileSync(join(home, ".ssh/id_ed25519"), keyPair().privateKey);
    try {
        for (const line of lines) {
            const run = await execa("sh", ["-c", line], {
                cwd: stack.folder,
                env: {
                    ...engine.env,
                    HOME: home,
                    PULUMI_BACKEND_URL: `file://${stack.backend}`,
                    PULUMI_CONFIG_PASSPHRASE: "test",
                    PULUMI_STACK: "test",
                },
                input,
                all: true,
                reject: false,
            });
            expect(run.exitCode, `${line}\n${run.all}`).toBe(0);
        }
    } finally {
        rmSync(home, { recursive: true });
    }
}

const documents = ["README.md", "examples/own-hosts/README.md"];

test.each(documents)(
    "%s: its commands for hosts of one's own are all that their example needs",
    async (document) => {
        await withStack({ program: "examples/own-hosts" }, async (stack) => {
            expect((await stack.preview()).exitCode).not.toBe(0);
            // The first host is shown; the pair wants a second.
            const first = ownHosts(document);
            const second = first
                .filter((line) => line.includes("hosts[0]"))
                .map((line) =>
                    line
                        .replace("hosts[0]", "hosts[1]")
                        .replace("alpha", "beta")
                        .replace("10.0.0.1", "10.0.0.2")
                        .replace("198.51.100.1", "198.51.100.2"),
                );
            await shell(stack, [...first, ...second]);
            const shown = succeeded(await stack.preview("--diff", "--show-full-output"));
            expect(shown).toContain("server alpha alpha:80");
            expect(shown).toContain("server beta beta:80");
            expect(shown).toContain('url: "http://10.0.0.100/"');
        });
    },
);

test("the flagship asks for one thing only, the failover token", async () => {
    await withStack({ program: "examples/flagship" }, async (stack) => {
        const { exitCode, output } = await stack.preview();
        expect(exitCode).not.toBe(0);
        expect(output).toContain("failoverToken");
        await shell(stack, ["pulumi config set --secret failoverToken"], "dop_v1_secret");
        succeeded(await stack.preview());
    });
});
