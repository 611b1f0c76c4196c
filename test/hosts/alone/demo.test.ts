import { globSync, lstatSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { listClouds, readCloud } from "../../../local/clouds/clouds.ts";
import { cloudsDirectory } from "../../../local/directories.ts";
import { slice as sliceOf } from "../../../local/network/slices.ts";
import { checkout } from "../../../tools/paths.ts";
import { expectShown } from "../../support/demoShown.ts";

/** A cloud of its own: the demo that a user has running is not touched. */
const CLOUD = "test-demo";
const config = join(checkout, `Pulumi.${CLOUD}.yaml`);

/** The README's command, as a user types it. */
async function npmRun(...args: string[]): Promise<string> {
    const { all, exitCode } = await execa("npm", ["run", ...args], {
        cwd: checkout,
        env: { EVENKEEL_CLOUD: CLOUD },
        stdin: "ignore",
        all: true,
        reject: false,
    });
    if (exitCode !== 0)
        throw new Error(`npm run ${args.join(" ")} ended with ${exitCode}:\n${all.slice(-4000)}`);
    return stripVTControlCharacters(all);
}

async function lines(file: string, ...args: string[]): Promise<string[]> {
    const { stdout } = await execa(file, args, { reject: false });
    return stdout.split("\n").filter((line) => line !== "");
}

/** Everything on this machine that the cloud of this name could have left. */
async function traces(): Promise<string[]> {
    const named = [
        ...(await lines("ip", "netns", "list")),
        ...(await lines("ps", "-eo", "args")),
        ...readdirSync(cloudsDirectory()),
        ...readdirSync(checkout),
    ];
    const containers = await lines(
        "podman",
        "ps",
        "--all",
        "--format={{.Names}}",
        `--filter=label=evenkeel.cloud=${CLOUD}`,
    );
    return [...named.filter((line) => line.includes(CLOUD)), ...containers];
}

/** Its links, addresses and routes are known by its slice, and the machine's own rules are nobody's to change. */
async function network(slice: number): Promise<string[]> {
    const { cidr } = sliceOf(slice);
    return [
        ...(await lines("ip", "-oneline", "address", "show", "to", cidr)),
        ...(await lines("ip", "route", "show", "table", "all", "root", cidr)),
    ];
}
const rules = () => lines("nft", "list", "ruleset");

let slice: number;
let rulesBefore: string[];

async function expectNothingLeft(): Promise<void> {
    expect(await traces()).toEqual([]);
    // What was given back may be another cloud's by now.
    const isFree = listClouds().every((cloud) => cloud.slice !== slice);
    if (isFree) expect(await network(slice)).toEqual([]);
    expect(await rules()).toEqual(rulesBefore);
}

const cleanUp = async () => {
    await npmRun("local", "--", "down");
    rmSync(config, { force: true });
    for (const left of globSync(`examples/*/Pulumi.${CLOUD}.yaml`, { cwd: checkout }))
        rmSync(join(checkout, left));
};
beforeAll(async () => {
    await cleanUp();
    rulesBefore = await rules();
});
afterAll(cleanUp);

let url: string;

async function expectPage(): Promise<void> {
    const page = await fetch(url, { signal: AbortSignal.timeout(5000) });
    expect(await page.text()).toContain("<h1>Hello from evenkeel</h1>");
}

test("the demo deploys, splits evenly, survives the loss of a balancer and of a database's writer, and previews a change", async () => {
    const shown = await npmRun("demo");
    slice = readCloud(CLOUD)!.slice;
    expect(shown).toMatch(/^ {2}db-0: created \d+ s, installed \d+ s, configured \d+ s$/m);
    expect(shown).not.toMatch(/@ updating/);
    expectShown(shown);
    [url] = /http:\/\/[\d.]+\/(?= +the page)/.exec(shown)!;
    expect(shown).toContain(`export EVENKEEL_CLOUD=${CLOUD}`);
    await expectPage();
});

test("a page writes rows from every web host, and shows those of all", async () => {
    const visit = async () => {
        const page = await fetch(`${url}visits.php`, { signal: AbortSignal.timeout(5000) });
        return { status: page.status, text: await page.text() };
    };
    const visits = [await visit(), await visit(), await visit(), await visit()];
    for (const { status, text } of visits) {
        expect(status, text).toBe(200);
        expect(text).toMatch(/<h1>Visit \d+<\/h1>/);
    }
    const [, last] = /<h1>Visit (\d+)/.exec(visits.at(-1)!.text)!;
    await expect
        .poll(async () => (await visit()).text)
        .toMatch(new RegExp(`<li>${last} by web-\\d at [\\s\\S]*web-0[\\s\\S]*`));
    const { text } = await visit();
    for (const host of ["web-0", "web-1"]) expect(text).toContain(`by ${host} at`);
});

test("what the README shows to look around with", async () => {
    expect(await npmRun("local", "--", "status")).toMatch(/web-0[^\n]*on/);
    const onHost = await npmRun("local", "--", "ssh", "web-0", "--", "hostname");
    expect(onHost.trimEnd().split("\n").at(-1)).toBe("web-0");
    expect(await npmRun("pulumi", "--", "stack", "--show-ids")).toMatch(/ID: \d+/);
    expect(await npmRun("pulumi", "--", "preview", "--diff")).toMatch(/^ {4}\d+ unchanged$/m);
    expect(await npmRun("pulumi", "--", "up", "--yes")).toMatch(/^ {4}\d+ unchanged$/m);
    for (const example of [
        "galera-cluster",
        "replicated-mysql",
        "three-hosts",
        "file-sync",
        "load-balancer-pair",
    ])
        expect(await npmRun("pulumi", "--", "-C", `examples/${example}`, "preview")).toMatch(
            /\+ \d+ to create/,
        );
    await npmRun("local", "--", "fail", "kill", "lb-0");
    expect(await npmRun("local", "--", "status")).toMatch(/lb-0[^\n]*off/);
    await expectPage();
});

test("--down removes everything", async () => {
    expect(await network(slice)).not.toEqual([]);
    await npmRun("demo", "--", "--down");
    expect(lstatSync(config, { throwIfNoEntry: false })).toBe(undefined);
    await expectNothingLeft();
});

test("a local cloud comes up and goes", async () => {
    expect(await npmRun("local", "--", "up")).toMatch(/is up: http/);
    expect(await npmRun("local", "--", "down")).toMatch(/is gone/);
    await expectNothingLeft();
});
