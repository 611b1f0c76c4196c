import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { contentOf, type Delivery } from "../../../src/content/content.ts";
import { readFolder } from "../../../src/content/folder.ts";
import {
    type ContentHost,
    type ContentRole,
    contentHost,
    type Files,
    filesOf,
    settled,
} from "../../support/contentHost.ts";

let host: ContentHost;
let role: ContentRole;
beforeEach(async () => {
    host = await contentHost();
    role = host.role("web-content");
});
afterEach(() => host[Symbol.asyncDispose]());

const files = (texts: Record<string, string>) => filesOf(host.documentRoot, texts);
const served = (path: string) => readFileSync(join(host.documentRoot, path), "utf8");
/** Every file below the document root, hidden ones too. */
const names = () =>
    existsSync(host.documentRoot)
        ? readdirSync(host.documentRoot, { recursive: true, withFileTypes: true })
              .filter((entry) => entry.isFile())
              .map((entry) => join(entry.parentPath, entry.name).slice(host.documentRoot.length + 1))
              .sort()
        : [];
const store = () => join(host.root, "roles/web-content/content");

/** Too long for a role's text. */
const long = (line: string) => `${line}\n`.repeat(10_000);

describe("a visitor whose requests go to two hosts", () => {
    test("never gets a page without what it refers to: new names, then pages, then what is gone", async () => {
        const before = await files({ "index.html": "old.css\n", "old.css": "old\n" });
        await role.bring(before);
        const after = await files({ "index.html": "new.css\n", "new.css": "new\n" });
        await role.deliver(after.delivery);
        expect(names()).toEqual(["index.html", "old.css"]);
        expect(await role.arrive(after)).toBe("probe-0: web-content: 1 new files");
        expect(names()).toEqual(["index.html", "new.css", "old.css"]);
        expect(served("index.html")).toBe("old.css\n");
        expect(await role.publish(after.id)).toBe("probe-0: web-content: 1 files published");
        expect(served("index.html")).toBe("new.css\n");
        expect(names()).toContain("old.css");
        expect(await role.tidy(after.id)).toBe("probe-0: web-content: 1 files removed");
        expect(names()).toEqual(["index.html", "new.css"]);
    });

    test("a change that was begun and taken back leaves nothing: whatever step it came to", async () => {
        const before = await files({ "index.html": "1\n", "a.css": "1\n" });
        const after = await files({ "index.html": "2\n", "b.css": "2\n" });
        const same = () => expect([names(), served("index.html")]).toEqual([["a.css", "index.html"], "1\n"]);
        await role.bring(before);
        // The engine asks again for those steps alone that had come to the change.
        await role.deliver(after.delivery);
        await role.arrive(after);
        await role.deliver(before.delivery);
        await role.arrive(before);
        same();
        await role.deliver(after.delivery);
        await role.arrive(after);
        await role.publish(after.id);
        await role.deliver(before.delivery);
        await role.arrive(before);
        await role.publish(before.id);
        same();
    });
});

test("a file's time goes by its content, as two hosts are to tell the same of it", async () => {
    const time = (path: string) => statSync(join(host.documentRoot, path)).mtimeMs;
    await role.bring(await files({ "a.css": "1\n", "same.css": "1\n", "b.css": "2\n" }));
    const [first, other] = [time("a.css"), time("b.css")];
    expect(time("same.css")).toBe(first);
    expect(other).not.toBe(first);
    await role.bring(await files({ "a.css": "2\n", "b.css": "1\n" }));
    expect([time("a.css"), time("b.css")]).toEqual([other, first]);
});

describe("what travels", () => {
    test("only what changed, and of the manifest the part that differs", async () => {
        const texts = Object.fromEntries(
            Array.from({ length: 200 }, (_, i) => [`${i}.txt`, long(`file ${i}`)]),
        );
        const first = await role.bring(await files(texts));
        expect(first.files).toBe(200);
        const changed = await role.bring(await files({ ...texts, "7.txt": long("another") }));
        expect(changed.files).toBe(1);
        expect(changed.bytes).toBeLessThan(long("another").length + 20_000);
        expect(served("7.txt")).toBe(long("another"));
    });

    test("a file that is elsewhere by now does not travel again, nor does what is there", async () => {
        await role.bring(await files({ "a.txt": long("a"), "b.txt": long("a") }));
        const moved = await role.bring(await files({ "deep/er/a.txt": long("a") }));
        expect(moved.files).toBe(0);
        expect(names()).toEqual(["deep/er/a.txt"]);
        expect(served("deep/er/a.txt")).toBe(long("a"));
    });

    test("a short text is in the role's text and does not travel by itself; a long one is not", async () => {
        const both = await files({ "short.txt": "no end of line", "long.txt": long("x") });
        expect(both.shown).toEqual([{ path: "short.txt", text: "no end of line" }]);
        expect((await role.bring(both)).files).toBe(1);
        expect(served("short.txt")).toBe("no end of line");
    });

    test("bytes arrive as they are, and an empty file too", async () => {
        const folder = join(host.root, "folder");
        mkdirSync(folder);
        writeFileSync(join(folder, "a b'ü.bin"), Buffer.from([0, 255, 10]));
        writeFileSync(join(folder, "empty"), "");
        await role.bring(await filesOf(host.documentRoot, {}, readFolder(folder).files));
        expect(readFileSync(join(host.documentRoot, "a b'ü.bin"))).toEqual(Buffer.from([0, 255, 10]));
        expect(served("empty")).toBe("");
    });

    test("a file that changes while it is sent is told, and nothing is in place; what had arrived stays for the next try", async () => {
        const folder = join(host.root, "folder");
        mkdirSync(folder);
        for (const name of ["a", "b"]) writeFileSync(join(folder, name), long(name));
        const read = readFolder(folder).files;
        const content = await filesOf(host.documentRoot, {}, read);
        // They come in the order of their checksums.
        const [, last] = read.toSorted((a, b) => (a.sha256 < b.sha256 ? -1 : 1));
        writeFileSync(last!.source, long("c"));
        await expect(role.deliver(content.delivery)).rejects.toThrow(
            new RegExp(`^${last!.source} was changed while it was being sent: run \`pulumi up\` again$`),
        );
        await expect(role.arrive(content)).rejects.toThrow("its files have not arrived on this host");
        expect(names()).toEqual([]);
        expect((await role.bring(await filesOf(host.documentRoot, {}, readFolder(folder).files))).files).toBe(
            1,
        );
    });
});

describe("all or nothing", () => {
    test("what somebody else has put there is refused in words before anything is in place; the same bytes are taken over", async () => {
        mkdirSync(host.documentRoot, { recursive: true });
        writeFileSync(join(host.documentRoot, "index.html"), "mine\n");
        const ours = await files({ "a.css": "a\n", "index.html": "ours\n" });
        await expect(role.bring(ours)).rejects.toThrow(
            `evenkeel: probe-0: role web-content: ${host.documentRoot}/index.html is there already, and is not evenkeel's: move it away if it may be replaced; nothing was changed`,
        );
        expect(names()).toEqual(["index.html"]);
        expect(served("index.html")).toBe("mine\n");
        writeFileSync(join(host.documentRoot, "index.html"), "ours\n");
        await role.bring(ours);
        await role.leave();
        expect(names()).toEqual([]);
    });

    test("another role's file is refused with its name", async () => {
        await role.bring(await files({ "index.html": "1\n" }));
        const other = host.role("shop-content");
        await expect(other.bring(await files({ "index.html": "1\n" }))).rejects.toThrow(
            `role shop-content: ${host.documentRoot}/index.html belongs to the role web-content of this host; nothing was changed`,
        );
    });

    test("when a name cannot be swapped, all former files are back, and nothing lies beside", async () => {
        await role.bring(await files({ "a.css": "1\n", "b/c.css": "1\n", "z.html": "1\n" }));
        const after = await files({ "a.css": "2\n", "b/c.css/d.css": "2\n", "z.html": "2\n" });
        await role.deliver(after.delivery);
        await role.arrive(after);
        // Somebody's own file where a folder of ours becomes a file.
        rmSync(join(host.documentRoot, "z.html"));
        mkdirSync(join(host.documentRoot, "z.html"));
        writeFileSync(join(host.documentRoot, "z.html/own"), "own");
        await expect(role.publish(after.id)).rejects.toThrow("z.html/own is there already");
        expect(names()).toEqual(["a.css", "b/c.css", "z.html/own"]);
        expect(served("a.css")).toBe("1\n");
        rmSync(join(host.documentRoot, "z.html"), { recursive: true });
        await role.publish(after.id);
        await role.tidy(after.id);
        expect(names()).toEqual(["a.css", "b/c.css/d.css", "z.html"]);
        expect(served("z.html")).toBe("2\n");
    });

    test("a file becomes a folder, and a folder a file", async () => {
        await role.bring(await files({ a: "file\n", "b/c": "below\n", "b/d/e": "below\n" }));
        await role.bring(await files({ "a/x": "below\n", b: "file\n" }));
        expect(names()).toEqual(["a/x", "b"]);
        await role.bring(await files({ a: "file\n", "b/c": "below\n" }));
        expect(names()).toEqual(["a", "b/c"]);
    });

    test("what a cut-off run left beside is gone with the next one, and an edited file is put right", async () => {
        const content = await files({ "a.css": "1\n", "index.html": "1\n" });
        await role.bring(content);
        writeFileSync(join(host.documentRoot, ".evenkeel-new.0"), "half");
        writeFileSync(join(store(), "journal"), `${host.documentRoot}/.evenkeel-new.0\n`);
        writeFileSync(join(host.documentRoot, "a.css"), "edited by hand\n");
        await role.bring(await files({ "a.css": "1\n", "index.html": "2\n" }));
        expect(names()).toEqual(["a.css", "index.html"]);
        expect(served("a.css")).toBe("1\n");
    });

    test("a delivery that was cut off leaves what is in place alone", async () => {
        const before = await files({ "index.html": long("1") });
        await role.bring(before);
        const { delivery } = await files({ "index.html": long("2") });
        const [[sha256]] = Object.entries(delivery.sources) as [[string, unknown]];
        const gone = { file: join(host.root, "gone"), size: 1 };
        await expect(role.deliver({ ...delivery, sources: { [sha256]: gone } })).rejects.toThrow(
            "no such file",
        );
        expect(served("index.html")).toBe(long("1"));
        // The host notices a moment later.
        await expect.poll(() => readdirSync(store()).sort()).toEqual(["lock", "manifest", "record.json"]);
        await role.bring(before);
    });
});

test("retiring takes everything away: files, folders that were made, and what had arrived", async () => {
    const content = await files({ "a/b/c.txt": "1\n", "index.html": long("1") });
    await role.bring(content);
    writeFileSync(join(host.documentRoot, "own.txt"), "somebody's");
    await role.leave();
    expect(names()).toEqual(["own.txt"]);
    expect(existsSync(join(host.documentRoot, "a"))).toBe(false);
});

test("a secret is for root and PHP alone, and is no secret of the manifest that others could guess", async () => {
    const content = contentOf({ folder: host.documentRoot }, [], {
        "config.php": pulumi.secret("<?php $pin = '1234';"),
        "index.html": "1\n",
    });
    expect(await pulumi.isSecret(content.id)).toBe(true);
    expect(await pulumi.isSecret(content.recorded)).toBe(false);
    expect(await pulumi.isSecret(content.shown)).toBe(false);
    const recorded = await settled(content.recorded);
    expect(recorded).toMatch(/^secret {2}config\.php\n[0-9a-f]{64} {2}index\.html\n$/);
    const settledFiles: Files = {
        root: host.documentRoot,
        release: undefined,
        id: await settled(content.id),
        shown: await settled(content.shown),
        delivery: (await settled(content.delivery)) as Delivery,
    };
    expect(settledFiles.shown).toEqual([{ path: "index.html", text: "1\n" }]);
    await role.bring(settledFiles);
    const { mode, mtimeMs } = statSync(join(host.documentRoot, "config.php"));
    expect((mode & 0o777).toString(8)).toBe("640");
    // A time that goes by its content would tell of it to whoever sees its name.
    expect(mtimeMs).toBeGreaterThan(Date.now() - 120_000);
    expect(served("config.php")).toContain("1234");
    expect((statSync(store()).mode & 0o777).toString(8)).toBe("700");
});
