import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readArchive } from "../../../src/web/archive.ts";

let root: string;
beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), "evenkeel-archive-"));
    mkdirSync(join(root, "app/public"), { recursive: true });
    writeFileSync(join(root, "app/public/index.php"), "<?php");
    writeFileSync(join(root, `app/${"long".repeat(40)}.txt`), "a name that the first format has no room for");
    symlinkSync("public", join(root, "app/web"));
});
afterAll(() => rmSync(root, { recursive: true }));

/** An archive by tar's own words, and its checksum. */
async function archive(name: string, ...words: string[]): Promise<[path: string, sha256: string]> {
    const path = join(root, name);
    await execa("tar", ["-C", root, "-cf", path, "-P", ...words]);
    return [path, createHash("sha256").update(readFileSync(path)).digest("hex")];
}
const reasons = (path: string, sha256: string) =>
    readArchive(path, sha256).problems.map(({ propertyPath, reason }) => `${propertyPath}: ${reason}`);

describe("an archive", () => {
    test.each(["app.tar", "app.tar.gz"])("%s is its files", async (name) => {
        const [path, sha256] = await archive(name, ...(name.endsWith("gz") ? ["-z"] : []), "app");
        const { folder, problems } = readArchive(path, sha256.toUpperCase());
        expect(problems).toEqual([]);
        expect(folder!.files.map((file) => file.path).sort()).toEqual([
            `app/${"long".repeat(40)}.txt`,
            "app/public/index.php",
            "app/web/index.php",
        ]);
        const index = folder!.files.find((file) => file.path.endsWith("public/index.php"))!;
        expect(readFileSync(index.source, "utf8")).toBe("<?php");
        // Asked again it is unpacked already.
        expect(readArchive(path, sha256.toUpperCase()).folder!.files).toEqual(folder!.files);
    });

    test("with another checksum is refused, with the one that it has", async () => {
        const [path, sha256] = await archive("other.tar", "app");
        expect(reasons(path, "0".repeat(64))).toEqual([
            `release.sha256: "${path}" has the checksum ${sha256}`,
        ]);
    });

    test.each([
        ["an absolute path", "s,^app/public,/tmp/evenkeel-escaped,", "/tmp/evenkeel-escaped/index.php"],
        ["a path above it", "s,^app/public,../evenkeel-escaped,", "../evenkeel-escaped/index.php"],
    ])("with %s is refused before it is unpacked", async (_what, transform, member) => {
        const [path, sha256] = await archive("out.tar", `--transform=${transform}`, "app/public/index.php");
        expect(reasons(path, sha256)).toEqual([
            `release.archive: "${path}" holds "${member}", which leads out of it`,
        ]);
    });

    test.each([
        ["a link to an absolute path", "/etc/passwd"],
        ["a link that leads out", "../../etc/passwd"],
    ])("with %s is refused", async (_what, target) => {
        mkdirSync(join(root, "links"), { recursive: true });
        symlinkSync(target, join(root, "links/out"));
        const [path, sha256] = await archive("links.tar", "links");
        rmSync(join(root, "links"), { recursive: true });
        expect(reasons(path, sha256)).toEqual([
            `release.archive: "${path}" holds "links/out", which leads out of it`,
        ]);
    });

    test("that is none is refused in words, and so is one that is not there", () => {
        const path = join(root, "none.zip");
        const text = "PK\u0003\u0004 nothing that tar knows ".repeat(40);
        writeFileSync(path, text);
        const sha256 = createHash("sha256").update(text).digest("hex");
        expect(reasons(path, sha256)[0]).toMatch(
            /^release\.archive: ".*none\.zip" is no \.tar or \.tar\.gz file that can be unpacked: /,
        );
        expect(reasons(join(root, "gone.tar"), sha256)[0]).toMatch(
            /^release\.archive: ".*gone\.tar" cannot be read: ENOENT/,
        );
    });
});
