import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { MAX_FOLDER_BYTES, readFolder } from "../../../src/web/siteFiles.ts";

let folder: string;
beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "evenkeel-folder-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("all files of a folder in stable order, hidden ones left out", () => {
    mkdirSync(join(folder, "img"));
    mkdirSync(join(folder, ".git"));
    writeFileSync(join(folder, "index.html"), "<h1>Hi</h1>\n");
    writeFileSync(join(folder, "img/dot.gif"), Buffer.from([0, 255, 10]));
    writeFileSync(join(folder, ".git/config"), "secret");
    writeFileSync(join(folder, ".env"), "secret");
    expect(readFolder(folder)).toEqual([
        {
            path: "img/dot.gif",
            sha256: "712450d3c4a79eea9509e75dc1dacdeff58034df538536cfae2da882bd8a0c50",
            base64: "AP8K",
        },
        {
            path: "index.html",
            sha256: "288b6b0fbcbf9aecff993cf61fc0d5aae8150eb7470c729d0b479bf98d99190f",
            base64: "PGgxPkhpPC9oMT4K",
        },
    ]);
});

test("a folder that is too large for a stack's state is refused with both numbers", () => {
    writeFileSync(join(folder, "video.mp4"), "");
    truncateSync(join(folder, "video.mp4"), MAX_FOLDER_BYTES + 3);
    expect(() => readFolder(folder)).toThrow(/holds \d+ bytes; at most 16777216 can be sent with the stack/);
});
