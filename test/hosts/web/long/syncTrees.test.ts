import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { within } from "../../../../tools/waiting.ts";
import { succeeded } from "../../../support/flagship.ts";
import { sharedFlagship } from "../../../support/shared.ts";

const site = await sharedFlagship();

const HOSTS = ["web-0", "web-1"] as const;
const SYNCS = `new evenkeel.FileSync("pages", { mode: "oneWay", path: "/srv/pages", source: web.hosts[0]!, targets: [web.hosts[1]!], maxDelete: 10_000 });
new evenkeel.FileSync("uploads", { mode: "twoWay", path: "/srv/uploads", hosts: web.hosts });
new evenkeel.FileSync("kept", { mode: "twoWay", path: "/srv/kept", hosts: web.hosts, conflicts: "keepBoth" });
new evenkeel.FileSync("ruled", { mode: "twoWay", path: "/srv/ruled", hosts: web.hosts, conflicts: { prefer: web.hosts[1]! } });

export const url = `;
/** Nobody's but each host's. */
const OUTSIDE = "/srv/outside";
const FOLDERS = 3000;

let restore = () => {};
beforeAll(async () => {
    restore = site.edit("export const url = ", SYNCS);
    for (const host of HOSTS)
        await site.on(host, `mkdir -p ${OUTSIDE} && echo ${host} >${OUTSIDE}/kept && chmod 750 ${OUTSIDE}`);
    succeeded(await site.stack.up());
}, 600_000);
afterAll(async () => {
    restore();
    succeeded(await site.stack.up());
    for (const host of HOSTS)
        await site.on(host, `rm -rf ${OUTSIDE} /srv/pages /srv/uploads /srv/kept /srv/ruled`);
}, 300_000);

/** Every name with its kind and where it leads, and every content. */
const LISTING = `find . -mindepth 1 ! -name .evenkeel-sync -printf '%y %p %l %s\\n' | sed '/^d/s/ [0-9]*$//' | LC_ALL=C sort; find . -type f ! -name .evenkeel-sync -print0 | LC_ALL=C sort -z | xargs -0r sha256sum | sha256sum`;
const equal = (folder: string, seconds = 60) =>
    within(
        seconds,
        `${folder} to be the same on both hosts`,
        async () => {
            const trees = await Promise.all(HOSTS.map((host) => site.on(host, `cd ${folder} && ${LISTING}`)));
            return trees[0] === trees[1];
        },
        500,
    );
const outside = (host: string) =>
    site.on(host, `cd ${OUTSIDE} && ls -lAR --time-style=full-iso . && cat kept && stat -c %a .`);

describe.each([
    { way: "one way", folder: "/srv/pages" },
    { way: "two ways", folder: "/srv/uploads" },
])("$way", ({ folder }) => {
    const on = (command: string) => site.on("web-0", `cd ${folder} && ${command}`);

    test("a folder becomes a link out of the tree and back 200 times: nothing outside changes", async () => {
        const before = await Promise.all(HOSTS.map(outside));
        await on(
            `mkdir flips && echo 0 >flips/kept && for i in $(seq 200); do echo $i >flips/kept; mv flips aside; ln -s ${OUTSIDE} flips; sleep 0.01; rm flips; mv aside flips; sleep 0.01; done`,
        );
        await equal(folder);
        expect(await Promise.all(HOSTS.map(outside))).toEqual(before);
        expect(await site.on("web-1", `cat ${folder}/flips/kept`)).toBe("200");
    });

    test("a file that is written twice in a second, with contents of the same length", async () => {
        for (const text of ["1", "2"]) {
            await on(`echo ${text} >.late && touch -d '2026-01-01 00:00:00.${text}' .late && mv .late twice`);
            await equal(folder);
            expect(await site.on("web-1", `cat ${folder}/twice`)).toBe(text);
        }
    });

    test("links, hard links, files of others, sparse ones and such as grow", async () => {
        await on(
            `mkdir kinds && cd kinds && ln -s ${OUTSIDE}/kept out && ln -s ../flips in && ln -s nowhere broken && echo one >one && ln one two &&
            echo secret >roots && chmod 600 roots && truncate -s 64M sparse && echo end >>sparse && mkfifo pipe &&
            for i in $(seq 100); do echo $i >>grows; sleep 0.03; done; rm pipe`,
        );
        await equal(folder);
        expect(
            await site.on("web-1", `cat ${folder}/kinds/one ${folder}/kinds/two ${folder}/kinds/roots`),
        ).toBe("one\none\nsecret");
        expect(await site.on("web-1", `wc -l <${folder}/kinds/grows`)).toBe("100");
        // Of nobody there by another host's number.
        expect(await site.on("web-1", `find ${folder} -nouser -o -nogroup`)).toBe("");
    });

    test("names of all bytes that a name may have", async () => {
        await on(
            `mkdir names && cd names && python3 -c '
import os
for byte in range(1, 256):
    if byte != 47:
        open(b"x" + bytes([byte]), "w").write(str(byte))
for name in (b"-rf", b"--delete", b" ", b"a b", b"*", b"?", b"[a]", b"#", b"~", b"x~", b"back\\\\slash", b"new\\nline", b"\\xff\\xfe", b"n" * 255):
    open(name, "w").write("x")
'`,
        );
        await equal(folder);
        // 254 bytes, and 14 names, of which one is among them already.
        expect(await site.on("web-1", `find ${folder}/names -mindepth 1 -printf x | wc -c`)).toBe("267");
    });

    test(`${FOLDERS} folders, renamed as a whole and removed`, async () => {
        await on(
            `mkdir many && cd many && for i in $(seq ${FOLDERS}); do mkdir $i && echo $i >$i/file; done`,
        );
        await equal(folder, 120);
        await on("mv many moved && echo late >moved/7/late");
        await equal(folder, 120);
        await on("rm -r moved");
        await equal(folder, 120);
    });
});

/** What both hosts do to a folder before either knows of it. */
async function apart(name: string, here: string, there: string): Promise<void> {
    const unit = `evenkeel-sync-${name}`;
    await site.on("web-1", `systemctl stop ${unit} ${unit}.socket`);
    await site.on("web-1", `cd /srv/${name} && ${there}`);
    await site.on("web-0", `cd /srv/${name} && ${here}`);
    await site.on("web-1", `systemctl start ${unit}.socket ${unit}`);
}
const reads = (host: string, path: string, text: string) =>
    within(
        60,
        `"${text}" in ${path} on ${host}`,
        async () => (await site.on(host, `cat ${path} 2>/dev/null || true`)) === text,
    );

test("a file that is deleted on one host and changed on the other: the change counts, on both", async () => {
    await site.on("web-0", "echo 1 >/srv/uploads/both");
    await equal("/srv/uploads");
    await apart("uploads", "echo 2 >both", "rm both");
    for (const host of HOSTS) await reads(host, "/srv/uploads/both", "2");
    await equal("/srv/uploads");
});

test("both contents of a conflict are on both hosts, if that is the rule", async () => {
    await apart("kept", "echo early >page && touch -d '-1 min' page", "echo late >page");
    for (const host of HOSTS) {
        await reads(host, "/srv/kept/page", "late");
        await reads(host, "/srv/kept/page*conflict*", "early");
    }
    await equal("/srv/kept");
});

test("the preferred host's content counts, though the other one is later", async () => {
    await apart("ruled", "echo late >page", "echo ruled >page && touch -d '-1 min' page");
    for (const host of HOSTS) await reads(host, "/srv/ruled/page", "ruled");
    expect(await site.on("web-0", "cat /srv/ruled/page*conflict*")).toBe("late");
});
