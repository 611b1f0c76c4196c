import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readFolder } from "../../../src/content/folder.ts";
import { type Files, filesOf } from "../../support/contentHost.ts";
import { type ContentOnHost, contentOnHost } from "../../support/contentOnHost.ts";
import { onHost } from "../../support/flagship.ts";
import { sharedCloud } from "../../support/shared.ts";

const cloud = sharedCloud();
const HOST = "probe-0";
const ROOT = "/srv/site";
const run = (text: string, input?: string) => onHost(cloud, HOST, text, input);

let folder: string;
let role: ContentOnHost;
beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "evenkeel-site-"));
    mkdirSync(join(folder, "a b"));
    for (let i = 0; i < 300; i++) writeFileSync(join(folder, `a b/${i}'ü.txt`), `file ${i}\n`.repeat(i));
    role = await contentOnHost(cloud, HOST, "site-content", ROOT);
});
afterAll(async () => {
    await role?.retire();
    rmSync(folder, { recursive: true });
});

const files = (texts: Record<string, string> = {}): Promise<Files> =>
    filesOf(ROOT, { "index.html": "<h1>Hello</h1>", ...texts }, readFolder(folder).files);
/** What the host serves, as sha256sum writes it. */
const served = () => run(`cd ${ROOT} && find . -type f -printf '%P\\0' | sort -z | xargs -0 sha256sum`);
const wanted = ({ delivery: { manifest } }: Files) =>
    manifest.parts
        .flatMap(({ text }) => text.trimEnd().split("\n"))
        .map((line) => /^(\S+) \d+ \S+ (.*)$/.exec(line)!)
        .map(([, sha256, path]) => ({ sha256, path: path! }))
        .sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)))
        .map(({ sha256, path }) => `${sha256}  ${path}`)
        .join("\n");

test("files of a folder and texts of the program come to their places, byte for byte", async () => {
    const content = await files();
    // Its empty file is a file of no bytes, and the text needs none of its own.
    expect(await role.bring(content)).toMatchObject({ files: 300 });
    expect(await served()).toBe(wanted(content));
    expect(await run(`stat -c '%a %U:%G' ${ROOT}/index.html ${ROOT}/a*; ls -A ${ROOT}`)).toBe(
        "644 root:root\n755 root:root\na b\nindex.html",
    );
});

test("of a changed file only that one travels, and the role's text runs again without a change", async () => {
    expect(await role.arrive(await files())).toBe(`${HOST}: site-content: unchanged`);
    writeFileSync(join(folder, "a b/7'ü.txt"), "another\n");
    const delivered = await role.bring(await files());
    expect(delivered.files).toBe(1);
    expect(delivered.bytes).toBeLessThan(20_000);
    expect(await served()).toBe(wanted(await files()));
});

test("damaged bytes change nothing", async () => {
    const before = await served();
    const content = await files({ "long.txt": "x".repeat(50_000) });
    const sources = Object.fromEntries(
        Object.entries(content.delivery.sources).map(([sha256, source]) => [
            sha256,
            "text" in source ? { ...source, text: source.text.replaceAll("x", "y") } : source,
        ]),
    );
    const damaged: Files = { ...content, delivery: { ...content.delivery, sources } };
    await expect(role.send(damaged)).rejects.toThrow(
        `evenkeel: ${HOST}: role site-content: a file arrived damaged; nothing was changed on this host`,
    );
    await expect(role.arrive(content)).rejects.toThrow("its files have not arrived on this host");
    expect(await served()).toBe(before);
});

describe("a disk that fills up", () => {
    /** What the role writes to on a small one: a host's root would be the machine's own. */
    const small = (path: string, size: string) =>
        `mkdir -p /run/small ${path} && mount -t tmpfs -o size=${size} small /run/small && cp -a ${path}/. /run/small/ && mount --bind /run/small ${path}`;
    const undo = (path: string) => `umount ${path} /run/small`;

    test("where files arrive: it is told before anything is sent, and nothing is changed", async () => {
        const store = "/var/lib/evenkeel/roles/site-content";
        const before = [await served(), await run(`find ${store} -type f | sort | xargs sha256sum`)];
        await run(small(store, "2m"));
        try {
            await expect(role.send(await files({ "long.txt": "x".repeat(5_000_000) }))).rejects.toThrow(
                new RegExp(
                    `${ROOT} could not be written \\(\\S+ left on the disk, 4.8M needed\\); nothing was changed`,
                ),
            );
            await run(`cat /dev/zero >${store}/filler 2>/dev/null || true`);
            await expect(role.send(await files({ "b.txt": "x".repeat(50_000) }))).rejects.toThrow(
                /could not be written \(0 left on the disk.*\); nothing was changed on this host/,
            );
            await run(`rm ${store}/filler`);
            expect([await served(), await run(`find ${store} -type f | sort | xargs sha256sum`)]).toEqual(
                before,
            );
        } finally {
            await run(undo(store));
        }
    });

    test("where they are served, on a disk of its own: in the middle of what changes all former files are back", async () => {
        await run(small(ROOT, "4m"));
        try {
            const before = await served();
            const grown = await files({ "index.html": "<h1>New</h1>" });
            for (let i = 0; i < 300; i++)
                writeFileSync(join(folder, `a b/${i}'ü.txt`), "x".repeat(20_000 + i));
            const larger = await files({ "index.html": "<h1>New</h1>" });
            expect(larger.id).not.toBe(grown.id);
            await role.send(larger);
            await role.arrive(larger);
            await expect(role.publish(larger.id)).rejects.toThrow(
                /\S+ could not be written \(\S+ left on the disk\); nothing was changed on this host/,
            );
            expect(await served()).toBe(before);
            expect(await run(`find ${ROOT} -name '.*'`)).toBe("");
            await run("mount -o remount,size=20m /run/small");
            await role.publish(larger.id);
            expect(await served()).toBe(wanted(larger));
        } finally {
            await run(undo(ROOT));
        }
    });
});

test("what is retired leaves nothing, and what somebody else has put there stays", async () => {
    await role.bring(await files());
    await run(`echo mine >${ROOT}/own.txt`);
    await role.retire();
    expect(await run(`find ${ROOT} -type f; ls /var/lib/evenkeel/roles | grep -c site || true`)).toBe(
        `${ROOT}/own.txt\n0`,
    );
    await run(`rm -r ${ROOT}`);
});
