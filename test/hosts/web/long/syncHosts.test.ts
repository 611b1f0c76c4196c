import { afterAll, beforeAll, expect, test } from "vitest";
import { within } from "../../../../tools/waiting.ts";
import { editFile, succeeded } from "../../../support/flagship.ts";
import { sharedFlagship } from "../../../support/shared.ts";
import { failedUnits, troubledBoot } from "../../../support/troubledBoot.ts";

const site = await sharedFlagship();

const [UPLOADS, PAGES] = ["/srv/uploads", "/srv/pages"];
const OLD_FILES = 3000;
const syncs = (hosts: string) => `const extra = lb.hosts[1]!;
new evenkeel.FileSync("uploads", { mode: "twoWay", path: "${UPLOADS}", hosts: ${hosts} });
new evenkeel.FileSync("pages", { mode: "oneWay", path: "${PAGES}", source: web.hosts[0]!, targets: [web.hosts[1]!, extra] });

export const url = `;
const TWO = "web.hosts";
const THREE = "[...web.hosts, extra]";
const WITHOUT_FIRST = "[web.hosts[1]!, extra]";

const program = () => `${site.stack.folder}/index.ts`;
const change = async (from: string, to: string) => {
    editFile(program(), syncs(from), syncs(to));
    return succeeded(await site.stack.up());
};

let restore = () => {};
beforeAll(async () => {
    restore = site.edit("export const url = ", syncs(TWO));
    await site.on(
        "web-0",
        `mkdir -p ${UPLOADS}/old ${PAGES} && cd ${UPLOADS}/old && seq ${OLD_FILES} | xargs touch && echo page >${PAGES}/page`,
    );
    succeeded(await site.stack.up());
}, 600_000);

/** What lost a conflict stays on its host. */
const names = (host: string, folder = UPLOADS) =>
    site.on(
        host,
        `cd ${folder} && find . -type f ! -name .evenkeel-sync ! -name '.unison*' ! -name '*(conflict*_on_*' | LC_ALL=C sort`,
    );

async function same(hosts: string[], folder = UPLOADS, seconds = 60): Promise<void> {
    const lists = () => Promise.all(hosts.map((host) => names(host, folder).catch(() => host)));
    try {
        await within(seconds, "", async () => new Set(await lists()).size === 1);
    } catch {
        const [first, ...others] = (await lists()).map((list) => list.split("\n"));
        // Which ones differ is what somebody has to know.
        for (const other of others) expect(other).toEqual(first);
    }
}

/** While a host's application stores a file every 50 ms. */
async function storing(host: string, work: () => Promise<unknown>): Promise<void> {
    await site.on(host, `rm -f /run/stop; mkdir -p ${UPLOADS}/${host}; chgrp www-data ${UPLOADS}/${host}`);
    const writer = site.on(
        host,
        `i=0; while [ ! -e /run/stop ]; do i=$((i + 1)); echo $i >${UPLOADS}/${host}/.new && mv ${UPLOADS}/${host}/.new ${UPLOADS}/${host}/$i; sleep 0.05; done`,
    );
    try {
        await work();
    } finally {
        await site.on(host, "touch /run/stop");
        await writer;
    }
}
const stored = async (host: string, of: string) =>
    Number(await site.on(host, `ls ${UPLOADS}/${of} 2>/dev/null | wc -l`));

test("a host joins while another one stores files: who waits for it finds it with all that was there", async () => {
    await storing("web-0", async () => {
        await change(TWO, THREE);
        expect(Number(await site.on("lb-1", `ls ${UPLOADS}/old | wc -l`))).toBe(OLD_FILES);
    });
    await same(["web-0", "web-1", "lb-1"]);
    expect(await stored("lb-1", "web-0")).toBeGreaterThan(20);
});

test("the first host, the centre, leaves the list while another one stores files: nothing is lost, and its own files stay", async () => {
    const before = await stored("web-0", "web-0");
    await storing("web-1", async () => change(THREE, WITHOUT_FIRST));
    await same(["web-1", "lb-1"]);
    expect(await stored("lb-1", "web-1")).toBeGreaterThan(20);
    expect(await stored("lb-1", "web-0")).toBe(before);
    expect(await stored("web-0", "web-0")).toBe(before);
    // What it does from now on is its own.
    await site.on("web-0", `rm -r ${UPLOADS}/old`);
    await change(WITHOUT_FIRST, THREE);
    // It comes again with fewer files, and brings no deletions.
    await same(["web-0", "web-1", "lb-1"]);
    expect(Number(await site.on("web-0", `ls ${UPLOADS}/old | wc -l`))).toBe(OLD_FILES);
});

/** As a machine that was made anew: no file, no record; keys and units are as before. */
const anew = (host: string, sync: string, folder: string) =>
    site.on(
        host,
        `systemctl stop 'evenkeel-sync-${sync}*' 2>/dev/null; rm -rf ${folder} /var/lib/evenkeel/sync/${sync} && systemctl restart evenkeel-sync-tree@${sync} && systemctl start $(cd /etc/systemd/system && ls -d evenkeel-sync-${sync}.service evenkeel-sync-${sync}.socket 2>/dev/null)`,
    );

test("a host that was made anew, the centre and the source too, gets what it had and deletes nothing", async () => {
    await same(["web-0", "web-1", "lb-1"], PAGES);
    for (const host of ["web-1", "web-0"]) {
        await anew(host, "uploads", UPLOADS);
        await within(
            60,
            `the files on ${host}`,
            async () => (await site.on(host, `ls ${UPLOADS}/old 2>/dev/null | wc -l`)) === String(OLD_FILES),
        );
        await same(["web-0", "web-1", "lb-1"]);
        expect(Number(await site.on("lb-1", `ls ${UPLOADS}/old | wc -l`))).toBe(OLD_FILES);
    }
    await anew("web-0", "pages", PAGES);
    for (const host of ["web-0", "web-1", "lb-1"])
        await within(
            60,
            `the page on ${host}`,
            async () => (await site.on(host, `cat ${PAGES}/page 2>/dev/null || true`)) === "page",
        );
});

test("hosts boot with a late address, the source and the centre among them, and catch up", async () => {
    const ends = await Promise.all(
        ["web-0", "web-1"].map((host) => troubledBoot(site.cloud, host, ["tcp/22"])),
    );
    await site.on("lb-1", `echo meanwhile >${UPLOADS}/meanwhile`);
    await Promise.all(ends.map((end) => end()));
    await site.on("web-0", `echo late >${PAGES}/late`);
    await same(["web-0", "web-1", "lb-1"], PAGES, 90);
    await same(["web-0", "web-1", "lb-1"], UPLOADS, 90);
    expect(await site.on("web-0", `cat ${UPLOADS}/meanwhile`)).toBe("meanwhile");
    for (const host of ["web-0", "web-1"]) expect(await failedUnits(site.cloud, host)).toBe("");
}, 300_000);

afterAll(async () => {
    restore();
    succeeded(await site.stack.up());
    for (const host of ["web-0", "web-1", "lb-1"]) await site.on(host, `rm -rf ${UPLOADS} ${PAGES}`);
}, 300_000);
