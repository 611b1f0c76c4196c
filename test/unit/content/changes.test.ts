import fc from "fast-check";
import { expect, test } from "vitest";
import { bytes, changesBetween, described, recordedFiles, told } from "../../../src/content/changes.ts";
import { LONGEST_SHOWN, plan, SHOWN_ALTOGETHER } from "../../../src/content/content.ts";
import { checksum, type Entry, manifestOf } from "../../../src/content/manifest.ts";

const entry = (path: string, text = path): Entry => ({
    path,
    sha256: checksum(text),
    size: text.length,
    kind: "file",
});
const list = (...paths: [string, string?][]) => recordedFiles(paths.map(([path, text]) => entry(path, text)));

test("a reviewer reads which files are added, changed and removed", () => {
    const before = list(["a.css"], ["index.html", "1"], ["old page.html"]);
    const after = list(["a.css"], ["index.html", "2"], ["img/new.png"]);
    expect(told(before, after)).toBe(
        `files: 1 added, 1 changed, 1 removed, 1 as before
  + img/new.png
  ~ index.html
  - old page.html`,
    );
    expect(told(undefined, after)).toBe("3 files");
    expect(told(after, after)).toBeUndefined();
});

test("thousands of changes are the first ones, and how many more are in which folder", () => {
    const names = (folder: string, size: number) => Array.from({ length: size }, (_, i) => `${folder}/${i}`);
    const added = [...names("assets", 1200), ...names("img", 34), "top.txt"];
    const text = described({ added, changed: [], removed: [], unchanged: 9000 });
    const lines = text.split("\n");
    expect(lines[0]).toBe("1,235 added, 0 changed, 0 removed, 9,000 as before");
    expect(lines).toHaveLength(22);
    expect(lines.at(-1)).toBe("  + and 1,180 in assets/, 34 in img/, 1 in ./");
    const everywhere = Array.from({ length: 500 }, (_, i) => `${i}/x`);
    const wide = described({ added: everywhere, changed: everywhere, removed: everywhere, unchanged: 0 });
    expect(wide.split("\n")).toHaveLength(64);
    expect(wide.length).toBeLessThan(2500);
});

test("any two lists: every file is in one place of the changes, and the former list with them is the new one", () => {
    const files = fc.dictionary(fc.stringMatching(/^[a-z /]{1,6}$/), fc.string({ maxLength: 2 }));
    fc.assert(
        fc.property(files, files, (old, now) => {
            const changes = changesBetween(list(...Object.entries(old)), list(...Object.entries(now)));
            const { added, changed, removed, unchanged } = changes;
            expect(new Set([...added, ...changed, ...removed]).size + unchanged).toBe(
                new Set([...Object.keys(old), ...Object.keys(now)]).size,
            );
            for (const path of added) expect([path in old, path in now]).toEqual([false, true]);
            for (const path of removed) expect([path in old, path in now]).toEqual([true, false]);
            for (const path of changed) expect(old[path]).not.toBe(now[path]);
        }),
    );
});

test("a manifest is the same whatever the order of its files, and one changed file is one other part", () => {
    const entries = Array.from({ length: 2000 }, (_, i) => entry(`f/${i}`));
    const { id, parts } = manifestOf({ root: "/srv" }, entries);
    expect(manifestOf({ root: "/srv" }, entries.toReversed())).toEqual(manifestOf({ root: "/srv" }, entries));
    expect(manifestOf({ root: "/other" }, entries).id).not.toBe(id);
    const changed = manifestOf({ root: "/srv" }, [...entries.slice(1), entry("f/0", "another")]);
    const former = new Set(parts.map(({ sha256 }) => sha256));
    expect(changed.parts.filter(({ sha256 }) => !former.has(sha256))).toHaveLength(1);
});

test("texts are read in the role's text while they are short, and while there is room", () => {
    const text = (path: string, size: number) => ({ path, text: "x".repeat(size) });
    const shown = (...texts: { path: string; text: string }[]) =>
        plan([], texts).shown.map(({ path }) => path);
    expect(shown(text("b", 5), text("a", LONGEST_SHOWN), text("c", LONGEST_SHOWN + 1))).toEqual(["a", "b"]);
    const many = Array.from({ length: 10 }, (_, i) => text(String(i), LONGEST_SHOWN));
    expect(shown(...many)).toHaveLength(SHOWN_ALTOGETHER / LONGEST_SHOWN - 1);
    const names = Array.from({ length: 5000 }, (_, i) => text(String(i), 1));
    expect(shown(...names).length).toBeLessThan(SHOWN_ALTOGETHER / 30);
    expect(plan([], [text("a", LONGEST_SHOWN + 1)]).parts[0]!.entry.kind).toBe("file");
});

test("sizes in words", () => {
    expect([999, 1000, 200_000_000].map(bytes)).toEqual(["999 B", "1.0 kB", "200.0 MB"]);
});
