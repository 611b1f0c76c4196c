import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Fetched, fetchEvery, succeeded as isServed } from "../../../../tools/fetching.ts";
import { succeeded } from "../../../support/flagship.ts";
import { sharedFlagship } from "../../../support/shared.ts";

const site = await sharedFlagship();
const HOSTS = ["web-0", "web-1"];

let folder: string;
/** The next release: what it does before it tells its version. */
function write(version: number, first = "", where = folder): void {
    mkdirSync(where, { recursive: true });
    writeFileSync(join(where, "index.php"), `<?php ${first} echo "v${version}";`);
}
const BROKEN = 'http_response_code(500); exit("broken");';
const SLOW = "usleep(300000);";

const POOL = () => `const app = new evenkeel.WebPool("app", {
    hosts: web.hosts,
    port: 8080,
    php: true,
    // As many as are at work at once when each page takes a third of a second.
    phpWorkers: 24,
    release: { folder: ${JSON.stringify(folder)} },
    groups: [
        { name: "a", hosts: ["web-0"] },
        { name: "b", hosts: ["web-1"] },
    ],
    gate: { latency: 200, seconds: 6 },
});

const lb =`;

const restore: (() => void)[] = [];
beforeAll(async () => {
    folder = join(mkdtempSync(join(tmpdir(), "evenkeel-app-")), "app");
    write(1);
    restore.push(site.edit("const lb =", POOL()));
    restore.push(site.edit("http: [{", "http: [{ port: 8080, backends: app.hosts, backendPort: 8080 }, {"));
    // Where nothing was served before, a gate waits for nobody.
    expect(succeeded(await site.stack.up())).not.toContain("watched for");
}, 300_000);
afterAll(async () => {
    for (const each of restore.reverse()) each();
    succeeded(await site.stack.up());
    for (const host of HOSTS) {
        const left =
            "ls -d /var/www/app/releases /var/log/nginx/evenkeel-app-gate.log /usr/local/lib/evenkeel/site-gate";
        expect(await site.on(host, `${left} 2>/dev/null || echo none`)).toBe("none");
        await site.on(host, "rm -rf /var/www/app");
    }
    rmSync(join(folder, ".."), { recursive: true });
}, 300_000);

const url = `http://${site.address}:8080/`;
const versions = () =>
    Promise.all(
        HOSTS.map((host) => site.on(host, `curl -sS http://${host}:8080/`).then((text) => text.trim())),
    );
const current = (host: string) => site.on(host, "stat -c '%N %Z' /var/www/app/current");
const evenkeel = (...words: string[]) => site.stack.execute("npx", "evenkeel", ...words);

/** Runs `up` while the application is asked a hundred times a second. */
async function upUnderLoad() {
    const load = fetchEvery(url, 10, 60_000);
    const run = await site.stack.up().finally(() => load.stop());
    expect(load.results.length).toBeGreaterThan(300);
    return { ...run, failed: load.results.filter((one) => !isServed(one)), total: load.results.length };
}

const told = ({ failed, total }: { failed: Fetched[]; total: number }) =>
    `${failed.length} of ${total}: ${failed.map(({ status, error, servedBy }) => `${status} ${error ?? ""} ${servedBy}`).join("; ")}`;

test("a good release goes through one group after the other, and no request is lost", async () => {
    write(2);
    const run = await upUnderLoad();
    succeeded(run);
    expect(run.failed, told(run)).toEqual([]);
    expect(await versions()).toEqual(["v2", "v2"]);
    const steps = [
        "web-0: app-content: release",
        "the gate of group a has passed: ",
        "web-1: app-content: release",
        "the gate of group b has passed: ",
    ].map((text) => run.output.indexOf(text));
    expect(steps).not.toContain(-1);
    expect(steps).toEqual([...steps].sort((one, other) => one - other));
    succeeded(await site.stack.up("--expect-no-changes"));
}, 120_000);

test("one that answers every request with 500 is put back in its first group, and few visitors have seen it", async () => {
    const before = await current("web-1");
    write(3, BROKEN);
    const run = await upUnderLoad();
    console.log(`a broken release: ${told(run)}`);
    expect(run.exitCode, run.output).not.toBe(0);
    expect(run.failed.length / run.total, told(run)).toBeLessThan(0.01);
    expect(run.output).toContain("the gate of group a has tripped: ");
    expect(run.output).toMatch(/served: +release [0-9a-f]{12} again; [0-9a-f]{12} was tried/);
    expect(run.output).toMatch(/requests: +\d+ \(.*\d+ with 500/);
    expect(run.output).not.toContain("web-1: app-content: release");
    expect(await versions()).toEqual(["v2", "v2"]);
    expect(await current("web-1")).toBe(before);
    // A host that the balancer has left out is back.
    const { output } = await evenkeel("status");
    expect(output).toMatch(
        /^app-content +release of a +[0-9a-f]{12}, rolled back from [0-9a-f]{12}; kept: .+ web-0$/m,
    );
}, 120_000);

test("it is tried again by the same program, and one that is mended goes through", async () => {
    const again = await site.stack.up();
    // Nobody asks for a page now: without visitors a gate cannot tell, and says so.
    expect(again.output).toMatch(/release [0-9a-f]{12} was put back on .+ UTC \(.+\): it is tried again/);
    expect(again.output).toContain(
        "warning: the gate of group a has seen too few requests to judge by (none;",
    );
    write(4);
    succeeded(await upUnderLoad());
    expect(await versions()).toEqual(["v4", "v4"]);
}, 120_000);

test("a slow one is put back for its latency", async () => {
    write(5, SLOW);
    const run = await upUnderLoad();
    console.log(`a slow release: ${told(run)}`);
    expect(run.exitCode, run.output).not.toBe(0);
    expect(run.output).toMatch(
        /the gate of group a has tripped: \d+ of \d+ requests have taken longer than 200 ms/,
    );
    expect(run.failed.length / run.total, told(run)).toBeLessThan(0.01);
    expect(await versions()).toEqual(["v4", "v4"]);
}, 120_000);

test("a group has a release of its own, and is rolled back alone", async () => {
    write(4);
    const other = join(folder, "../other");
    cpSync(folder, other, { recursive: true });
    write(6, "", other);
    restore.push(
        site.edit(
            '{ name: "a", hosts: ["web-0"] }',
            `{ name: "a", hosts: ["web-0"], release: { folder: ${JSON.stringify(other)} } }`,
        ),
    );
    const { output } = await upUnderLoad();
    expect(output).toMatch(/app, group a: release [0-9a-f]{12}, before it [0-9a-f]{12}/);
    expect(await versions()).toEqual(["v6", "v4"]);
    expect((await evenkeel("rollback", "app")).output).toContain("or of which group, with --group (a, b)");
    const { exitCode, output: rolled } = await evenkeel("rollback", "app", "--group", "a");
    expect(exitCode, rolled).toBe(0);
    expect(rolled).not.toContain("web-1");
    expect((await versions())[1]).toBe("v4");
}, 120_000);
