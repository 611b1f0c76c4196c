import { randomFillSync } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readFolder } from "../../../../src/content/folder.ts";
import { type Files, filesOf } from "../../../support/contentHost.ts";
import { type ContentOnHost, contentOnHost } from "../../../support/contentOnHost.ts";
import { onHost } from "../../../support/flagship.ts";
import { sharedCloud } from "../../../support/shared.ts";

/** As many files as a large site has: 10,000 of 20 kB, in folders of a hundred. */
const COUNT = 10_000;
const SIZE = 20_000;
const HOST = "probe-0";
const ROOT = "/srv/large";
const cloud = sharedCloud();
const run = (text: string, input?: string) => onHost(cloud, HOST, text, input);

let folder: string;
let role: ContentOnHost;
const place = (i: number) => join(folder, `${i % 100}/${i}.bin`);
const write = (i: number) => writeFileSync(place(i), randomFillSync(Buffer.alloc(SIZE)));
beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "evenkeel-large-"));
    for (let i = 0; i < 100; i++) mkdirSync(join(folder, String(i)));
    for (let i = 0; i < COUNT; i++) write(i);
    role = await contentOnHost(cloud, HOST, "large-content", ROOT);
});
afterAll(async () => {
    await role?.retire();
    rmSync(folder, { recursive: true });
});

const files = (): Promise<Files> => filesOf(ROOT, {}, readFolder(folder).files);
const count = () => run(`find ${ROOT} -type f | wc -l`);
const longest = ({ seconds }: { seconds: Record<string, number> }) => Math.max(...Object.values(seconds));

test("10,000 files and 200 MB come to a host; of one changed file only that one does", async () => {
    const first = await role.bring(await files());
    console.log("10,000 files, 200 MB:", first);
    expect(first.files).toBe(COUNT);
    expect(first.bytes).toBeLessThan(COUNT * (SIZE + 200));
    expect(await count()).toBe(String(COUNT));
    expect(longest(first)).toBeLessThan(120);

    write(4711);
    const one = await role.bring(await files());
    console.log("one changed file of them:", one);
    expect(one.files).toBe(1);
    expect(one.bytes).toBeLessThan(SIZE + 40_000);
    expect(longest(one)).toBeLessThan(30);
    expect(await run(`sha256sum <${ROOT}/${4711 % 100}/4711.bin`)).toContain(
        readFolder(folder).files.find(({ path }) => path.endsWith("/4711.bin"))!.sha256,
    );
});

test("all of them change while a run is killed in the middle: the next one finishes, and nothing half-way is left", async () => {
    for (let i = 0; i < COUNT; i++) write(i);
    const changed = await files();
    await role.send(changed);
    await role.arrive(changed);
    const killed = `echo ${changed.id} | timeout -s KILL 1.5 /usr/local/lib/evenkeel/content publish large-content ${HOST} || true`;
    await run(killed);
    await role.publish(changed.id);
    await role.tidy(changed.id);
    expect(await count()).toBe(String(COUNT));
    const sums = await run(`cd ${ROOT} && find . -type f -printf '%P\\n' | sort | xargs sha256sum`);
    const wanted = readFolder(folder)
        .files.toSorted((a, b) => (a.path < b.path ? -1 : 1))
        .map(({ sha256, path }) => `${sha256}  ${path}`);
    expect(sums).toBe(wanted.join("\n"));
});

test("10,000 files that go are gone in seconds", async () => {
    const begin = performance.now();
    await role.retire();
    const seconds = (performance.now() - begin) / 1000;
    console.log("retired in seconds:", seconds);
    expect(seconds).toBeLessThan(30);
    await expect(run(`ls ${ROOT}`)).rejects.toThrow("No such file");
});
