import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fetchEvery, succeeded as isServed } from "../../../../tools/fetching.ts";
import { within } from "../../../../tools/waiting.ts";
import { succeeded } from "../../../support/flagship.ts";
import { sharedFlagship } from "../../../support/shared.ts";

const site = await sharedFlagship();
const HOSTS = ["web-0", "web-1", "web-2", "web-3"];
const SECONDS = 5;

let folder: string;
const write = (version: number, first = "") =>
    writeFileSync(join(folder, "index.php"), `<?php ${first} echo "v${version}";`);

const GROUPS = {
    a: '{ name: "a", hosts: ["web-0", "web-2"] }',
    b: '{ name: "b", hosts: ["web-1", "web-3"] }',
};
const POOL = () => `const app = new evenkeel.WebPool("app", {
    hosts: web.hosts,
    port: 8080,
    php: true,
    release: { folder: ${JSON.stringify(folder)} },
    groups: [
        ${GROUPS.a},
        ${GROUPS.b},
    ],
    gate: { seconds: ${SECONDS} },
});

const lb =`;

const count = (hosts: number) => site.stack.pulumi("config", "set", "webHosts", String(hosts));
const restore: (() => void)[] = [];
beforeAll(async () => {
    folder = join(mkdtempSync(join(tmpdir(), "evenkeel-wide-")), "app");
    mkdirSync(folder);
    write(1);
    await count(4);
    restore.push(site.edit("const lb =", POOL()));
    restore.push(site.edit("http: [{", "http: [{ port: 8080, backends: app.hosts, backendPort: 8080 }, {"));
    succeeded(await site.stack.up());
}, 600_000);
afterAll(async () => {
    for (const each of restore.reverse()) each();
    await count(2);
    succeeded(await site.stack.up());
    for (const host of HOSTS.slice(0, 2)) await site.on(host, "rm -rf /var/www/app");
    rmSync(join(folder, ".."), { recursive: true });
}, 300_000);

const versions = () =>
    Promise.all(
        HOSTS.map((host) => site.on(host, `curl -sS http://${host}:8080/`).then((text) => text.trim())),
    );

/** In which order hosts had a release. */
const turns = (output: string) =>
    [...output.matchAll(/(web-\d): app-content: release/g)].map(([, host]) => host).filter(isFirst);
const isFirst = (host: unknown, i: number, all: unknown[]) => all.indexOf(host) === i;

/** Runs `up` while the application is asked two hundred times a second. */
async function upUnderLoad() {
    const load = fetchEvery(`http://${site.address}:8080/`, 5, 120_000);
    const run = await site.stack.up().finally(() => load.stop());
    const failed = load.results.filter((one) => !isServed(one)).length;
    console.log(`${failed} of ${load.results.length} requests failed`);
    return { ...run, failed, total: load.results.length };
}

test("the first host of a group has a good release alone, then the others, then the next group: no request is lost", async () => {
    write(2);
    const run = await upUnderLoad();
    succeeded(run);
    expect(run.failed).toBe(0);
    expect(await versions()).toEqual(["v2", "v2", "v2", "v2"]);
    expect(turns(run.output)).toEqual(["web-0", "web-2", "web-1", "web-3"]);
    succeeded(await site.stack.up("--expect-no-changes"));
}, 180_000);

test("groups and their hosts in another order have other turns with the next release; until then they note that alone", async () => {
    const put = [
        site.edit(GROUPS.a, "GROUP_A"),
        site.edit(GROUPS.b, '{ name: "a", hosts: ["web-2", "web-0"] }'),
        site.edit("GROUP_A", '{ name: "b", hosts: ["web-3", "web-1"] }'),
    ];
    const reordered = await upUnderLoad();
    succeeded(reordered);
    expect(reordered.failed).toBe(0);
    expect(turns(reordered.output)).toEqual([]);
    expect(await versions()).toEqual(["v2", "v2", "v2", "v2"]);
    write(21);
    const run = await upUnderLoad();
    succeeded(run);
    expect(run.failed).toBe(0);
    expect(await versions()).toEqual(["v21", "v21", "v21", "v21"]);
    expect(turns(run.output)).toEqual(["web-3", "web-1", "web-2", "web-0"]);
    for (const each of put.reverse()) each();
    write(2);
    succeeded(await site.stack.up());
}, 300_000);

test("one that the second host cannot stand is put back on the first one, too; the other group was not touched", async () => {
    write(3, 'if (gethostname() === "web-2") { http_response_code(500); exit; }');
    const run = await upUnderLoad();
    expect(run.exitCode, run.output).not.toBe(0);
    expect(run.output).toContain("the gate of group a has tripped: ");
    expect(run.output).not.toMatch(/web-[13]: app-content: release/);
    expect(run.failed / run.total).toBeLessThan(0.01);
    const patience = 2 * SECONDS + 60 * 2;
    await within(patience, "the former release on all hosts", async () =>
        (await versions()).every((each) => each === "v2"),
    );
    write(4);
    succeeded(await upUnderLoad());
    expect(await versions()).toEqual(["v4", "v4", "v4", "v4"]);
}, 400_000);
