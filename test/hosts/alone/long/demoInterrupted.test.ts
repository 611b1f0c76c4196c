import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { execa } from "execa";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { readCloud } from "../../../../local/clouds/clouds.ts";
import { down } from "../../../../local/clouds/lifecycle.ts";
import { cloudDirectory } from "../../../../local/directories.ts";
import { containersOf, killContainer } from "../../../../local/machines/container.ts";
import { readMachines } from "../../../../local/machines/record.ts";
import { listNamespaces } from "../../../../local/network/namespaces.ts";
import { idsOf } from "../../../../tools/demo/state.ts";
import { checkout } from "../../../../tools/paths.ts";
import { succeeds, within } from "../../../../tools/waiting.ts";
import { expectShown } from "../../../support/demoShown.ts";

/** One demo after the other, each of which is ended at another moment. */
const CLOUD = "test-demo-cut";

const removed = async () => {
    await down(CLOUD);
    await execa("rm", ["-f", join(checkout, `Pulumi.${CLOUD}.yaml`)]);
};
beforeAll(removed);
afterAll(removed);

// Each moment builds on the one before.
let broken = false;
beforeEach(({ skip, onTestFailed }) => {
    if (broken) skip("the demo is not where it should be");
    onTestFailed(() => {
        broken = true;
    });
});

interface Demo {
    pid: number;
    /** What it has printed so far. */
    output(): string;
    ended: Promise<{ exitCode?: number; output: string }>;
}

/** The demo as a terminal starts it, in a session of its own. */
function demo(env: Record<string, string> = {}, cwd = checkout): Demo {
    let output = "";
    const run = execa(process.execPath, ["tools/demo/main.ts"], {
        cwd,
        env: { EVENKEEL_CLOUD: CLOUD, ...env },
        stdin: "ignore",
        all: true,
        buffer: false,
        reject: false,
        detached: true,
    });
    run.all.on("data", (chunk: Buffer) => {
        output += stripVTControlCharacters(`${chunk}`);
    });
    const ended = run.then(({ exitCode }) => ({ ...(exitCode === undefined ? {} : { exitCode }), output }));
    return { pid: run.pid!, output: () => output, ended };
}

/** What the engine keeps of stacks, and since when: what a demo goes by. */
const kept = () =>
    readdirSync(join(cloudDirectory(CLOUD), "pulumi/.pulumi"), { recursive: true, encoding: "utf8" })
        .map((path) => {
            const { mtime, size } = statSync(join(cloudDirectory(CLOUD), "pulumi/.pulumi", path));
            return `${mtime.toISOString()} ${size} ${path}`;
        })
        .join("\n");

/** Until something holds of a demo that has not ended. */
async function reaches(running: Demo, holds: () => unknown): Promise<void> {
    let over = false;
    void running.ended.finally(() => {
        over = true;
    });
    const isThere = async () => {
        if (over) throw new Error(`ended before that:\n${running.output().slice(-4000)}\n${kept()}`);
        return Boolean(await holds());
    };
    await within(300, "the demo to come there", isThere, 50);
}

/** Demo, engine and plugins that work for this cloud; its API, which stays, is neither. */
function workers(): number[] {
    const ours = (pid: number) =>
        /pulumi|local\/main|plugins\/main|demo\/main/.test(told(pid, "cmdline")) &&
        told(pid, "environ").split("\0").includes(`EVENKEEL_CLOUD=${CLOUD}`);
    return readdirSync("/proc")
        .filter((name) => /^\d+$/.test(name))
        .map(Number)
        .filter(ours);
}

function told(pid: number, what: "cmdline" | "environ"): string {
    try {
        return readFileSync(`/proc/${pid}/${what}`, "utf8");
    } catch {
        return "";
    }
}

const nobodyIsLeft = (besides?: RegExp) =>
    expect
        .poll(() => workers().filter((pid) => !besides?.test(told(pid, "cmdline"))), { timeout: 20_000 })
        .toEqual([]);
/** It looks every five minutes whether its engine is still there. */
const LANGUAGE_HOST = /pulumi-language-nodejs/;

/** As Ctrl-C, and as a power cut, which also ends what the demo has started. */
const interrupt = (running: Demo) => process.kill(-running.pid, "SIGINT");
async function cut(running: Demo): Promise<void> {
    for (let left = workers(); left.length > 0; left = workers())
        for (const pid of left) await succeeds(Promise.resolve().then(() => process.kill(pid, "SIGKILL")));
    await running.ended;
}

/** From the cloud's record: so many looks would use up what the API allows. */
const droplets = () =>
    Object.values(readMachines(cloudDirectory(CLOUD)).hosts).map(({ spec, power }) => ({
        name: spec.name,
        power,
    }));

const someHostIsOff = () => droplets().some(({ power }) => power === "off");

/** The state of the stack, as it is in the backend. */
const state = () =>
    readFileSync(
        join(cloudDirectory(CLOUD), "pulumi/.pulumi/stacks/evenkeel-flagship", `${CLOUD}.json`),
        "utf8",
    );

/** A demo that goes on to its end, and deploys what it should. */
async function completes(): Promise<string> {
    const { exitCode, output } = await demo().ended;
    expect(exitCode, output).toBe(0);
    expect(output).toMatch(/failed: 0\s/);
    expect(
        droplets()
            .map(({ name, power }) => `${name} ${power}`)
            .sort(),
    ).toEqual(["db-0", "db-1", "db-2", "lb-0", "lb-1", "web-0", "web-1"].map((name) => `${name} on`));
    expect(JSON.parse(state()).checkpoint.latest.pending_operations ?? []).toEqual([]);
    await nobodyIsLeft(LANGUAGE_HOST);
    return output;
}

test("while the local cloud comes up", async () => {
    const running = demo();
    await reaches(running, () => readCloud(CLOUD));
    await cut(running);
});

test("while the first hosts are created: what came to be without the engine's knowing goes", async () => {
    // As the official provider, which knows of a host 10 s after the cloud does at the earliest.
    const running = demo({ EVENKEEL_OFFICIAL_WAITS: "1" });
    await reaches(running, () => droplets().length > 0);
    await cut(running);
    expect(state()).toContain('"pending_operations"');
    const known = idsOf(join(cloudDirectory(CLOUD), "pulumi"), "digitalocean:index/droplet:Droplet");
    expect(Object.keys(readMachines(cloudDirectory(CLOUD)).hosts).filter((id) => !known.has(id))).not.toEqual(
        [],
    );
});

test("by Ctrl-C while packages are installed: what was begun is finished, and nobody is left", async () => {
    const running = demo();
    await reaches(running, () => /was being created/.test(running.output()));
    expect(running.output()).toContain("did not finish: this one goes on from there");
    expect(running.output()).toMatch(/locked by a Pulumi that is gone .*: unlocked/);
    await reaches(running, () => /-install"/.test(state()));
    interrupt(running);
    const { exitCode, output } = await running.ended;
    expect(exitCode, output).toBe(130);
    expect(output).toContain("`npm run demo` goes on from there");
    await nobodyIsLeft();
});

test("by the end of the demo alone while hosts are configured: its engine does not go on", async () => {
    const running = demo();
    await reaches(running, () => /-baseline"/.test(state()));
    process.kill(running.pid, "SIGKILL");
    await running.ended;
    await nobodyIsLeft(LANGUAGE_HOST);
    const output = await completes();
    expect(output).toContain("did not finish: this one goes on from there");
    expect(output).toMatch(/ {2}web-\d: .*configured \d+ s/);
});

test("while the active balancer is off, which the next demo powers on", async () => {
    const running = demo();
    await reaches(running, someHostIsOff);
    await cut(running);
    expect(await completes()).toMatch(/lb-\d was off: it has power again/);
});

test("while another greeting is previewed: it is nowhere afterwards", async () => {
    const running = demo();
    await reaches(running, () => running.output().includes("preview --diff"));
    await reaches(running, () => /Previewing update/.test(running.output().split("preview --diff").at(-1)!));
    await cut(running);
    expect(readFileSync(join(checkout, `Pulumi.${CLOUD}.yaml`), "utf8")).not.toContain("Good evening");
    expect(await completes()).toMatch(/- +<h1>Hello from evenkeel<\/h1>/);
});

test("by a crash of the whole machine", async () => {
    const running = demo();
    await reaches(running, someHostIsOff);
    await cut(running);
    process.kill(readCloud(CLOUD)!.pid!, "SIGKILL");
    const hosts = Object.keys(readMachines(cloudDirectory(CLOUD)).hosts).map(Number);
    expect(await containersOf(CLOUD)).toHaveLength(hosts.length);
    await Promise.all(hosts.map((id) => succeeds(killContainer(CLOUD, id))));
    for (const name of await listNamespaces(CLOUD)) await execa("ip", ["netns", "delete", name]);
    await completes();
});

test("not at all, a second time, and from another checkout: it shows the same with the hosts that are there", async () => {
    const other = mkdtempSync(join(tmpdir(), "evenkeel-checkout-"));
    onTestFinished(() => rmSync(other, { recursive: true }));
    for (const name of ["package.json", "Pulumi.yaml", "tools", "examples", "dist"])
        cpSync(join(checkout, name), join(other, name), { recursive: true });
    // The stand-in plugins, which other tests use at the same time, must go on being run from this checkout.
    for (const name of ["node_modules", "local", "src"]) symlinkSync(join(checkout, name), join(other, name));
    const [url] = /http:\/\/[\d.]+\/(?= +the page)/.exec(await completes())!;
    const { exitCode, output } = await demo({}, other).ended;
    expect(exitCode, output).toBe(0);
    expectShown(output);
    expect(output).toContain(`${url} `);
    expect(output).not.toMatch(/: (created|installed|configured) |\d+ (created|updated)/);
});
