import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isHidden, listed, readFolder } from "../../../src/content/folder.ts";

let around: string;
beforeEach(() => {
    around = mkdtempSync(join(tmpdir(), "evenkeel-folder-"));
});
afterEach(() => rmSync(around, { recursive: true }));

function write(files: Record<string, string | Buffer>): void {
    for (const [path, data] of Object.entries(files)) {
        mkdirSync(join(around, path, ".."), { recursive: true });
        writeFileSync(join(around, path), data);
    }
}
const names = (folder: string) => readFolder(folder).files.map(({ path }) => path);
const left = (folder: string) =>
    Object.fromEntries(readFolder(folder).leftOut.map(({ path, why }) => [path, why]));

/** What a project's folder looks like: its site, and much that is nobody's business. */
const site = {
    "public/index.html": "<h1>Hi</h1>\n",
    "public/img/dot.gif": Buffer.from([0, 255, 10]),
    "public/.env": "secret",
    "public/.git/config": "secret",
    "public/img/.htpasswd": "secret",
    "public/.well-known/security.txt": "Contact: me\n",
    "public/.well-known/.draft": "secret",
    "secret.txt": "secret",
};

describe("however a folder is written, its files are the same, and what is hidden is not among them", () => {
    beforeEach(() => write(site));
    test.each<[string, string, (folder: string) => string]>([
        ["public", "", (folder) => folder],
        ["./public", "", (folder) => folder],
        ["public/", "", (folder) => folder],
        ["./public/./", "", (folder) => folder],
        ["public/img/..", "", (folder) => folder],
        [".", "public", (folder) => folder],
        ["./", "public", (folder) => folder],
        ["..", "public/img", (folder) => folder],
        ["../public", "public", (folder) => folder],
        ["public", "", (folder) => join(around, folder)],
        ["a link to it", "", () => "link"],
    ])("%s from /%s", (folder, from, written) => {
        symlinkSync("public", join(around, "link"));
        const { files, leftOut, problems } = readFolder(written(folder), join(around, from));
        expect(problems).toEqual([]);
        expect(files.map(({ source: _, ...file }) => file)).toEqual([
            {
                path: ".well-known/security.txt",
                sha256: "f578e2374c8423f57a42a852fe756b910a74e3aacb8828ccf5b5b593b3f6ec4b",
                size: 12,
            },
            {
                path: "img/dot.gif",
                sha256: "712450d3c4a79eea9509e75dc1dacdeff58034df538536cfae2da882bd8a0c50",
                size: 3,
            },
            {
                path: "index.html",
                sha256: "288b6b0fbcbf9aecff993cf61fc0d5aae8150eb7470c729d0b479bf98d99190f",
                size: 12,
            },
        ]);
        expect(listed(leftOut)).toBe(".env, .git, .well-known/.draft, img/.htpasswd (hidden)");
    });
});

test("links: what lies within the folder is served, what leads out of it, nowhere, around or to what is hidden is left out", () => {
    write(site);
    const links = {
        "to-a-file.html": "index.html",
        "to-a-folder": "img",
        "to-itself": ".",
        "img/around": "..",
        "out.txt": "../secret.txt",
        outside: "..",
        "absolute.txt": join(around, "secret.txt"),
        "nowhere.txt": "missing.txt",
        "hidden.txt": ".env",
        "hidden-folder": ".git",
    };
    for (const [path, to] of Object.entries(links)) symlinkSync(to, join(around, "public", path));
    const folder = join(around, "public");
    expect(names(folder)).toEqual([
        ".well-known/security.txt",
        "img/dot.gif",
        "index.html",
        "to-a-file.html",
        "to-a-folder/dot.gif",
    ]);
    expect(left(folder)).toMatchObject({
        "out.txt": "a link that leads out of the folder",
        outside: "a link that leads out of the folder",
        "absolute.txt": "a link that leads out of the folder",
        "nowhere.txt": "a link that leads nowhere",
        "hidden.txt": "a link to what is hidden",
        "hidden-folder": "a link to what is hidden",
        "to-itself": "a link to a folder around it",
        "img/around": "a link to a folder around it",
    });
});

describe("what is no folder of files is one clear sentence", () => {
    test.each<[string, string, RegExp]>([
        ["missing", "gone", /^there is no folder "gone" \(from \/.*\)$/],
        ["a file", "secret.txt", /^"secret.txt" is a file: give the folder that holds it$/],
        ["no path", "", /^"" is no path: write "\." for the folder of the program itself$/],
        ["empty", "empty", /^"empty" holds no file$/],
        ["hidden files alone", "hidden", /^"hidden" holds no file that can be served: \.env \(hidden\)$/],
        ["a name with a line break", "odd", /^the name "a\\nb" has a character that no URL can have$/],
    ])("%s", (_, folder, reason) => {
        write({ ...site, "hidden/.env": "secret", "odd/a\nb": "" });
        mkdirSync(join(around, "empty/deep"), { recursive: true });
        expect(readFolder(folder, around)).toMatchObject({
            files: [],
            problems: [expect.stringMatching(reason)],
        });
    });
});

test("what was left out is told in one line, however much it is", () => {
    const many = Array.from({ length: 200 }, (_, i) => ({ path: `.${i}`, why: "hidden" }));
    expect(listed(many)).toBe(".0, .1, .2, .3, .4, .5, .6, .7, .8, .9 (hidden); 190 more");
});

test("no path with a hidden part gets through, wherever it is", () => {
    const part = fc.stringMatching(/^[a-z]{1,5}$/);
    fc.assert(
        fc.property(fc.array(part), part, fc.array(part), (before, hidden, after) => {
            const path = [...before, `.${hidden}`, ...after].join("/");
            expect(isHidden(path)).toBe(true);
            expect(isHidden(`.well-known/${path}`)).toBe(true);
            expect(isHidden([...before, hidden, ...after].join("/"))).toBe(false);
        }),
    );
    expect(isHidden(".well-known/x")).toBe(false);
    expect(isHidden("a/.well-known/x")).toBe(true);
});
