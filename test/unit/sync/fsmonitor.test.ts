import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { execa, execaSync } from "execa";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { PYTHON } from "../../support/python.ts";

const MONITOR = "src/sync/onhost/unison-fsmonitor";

let root: string;
let monitor: ChildProcessWithoutNullStreams;
let lines: AsyncIterator<string>;

beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), "evenkeel-fsmonitor-"));
    monitor = spawn(PYTHON, ["-B", MONITOR]);
    lines = createInterface({ input: monitor.stdout })[Symbol.asyncIterator]();
    say("VERSION 1");
    expect(await hear()).toBe("VERSION 1");
});
afterEach(() => {
    monitor.kill();
    rmSync(root, { recursive: true });
});

const say = (line: string) => monitor.stdin.write(`${line}\n`);
const hear = async () => (await lines.next()).value as string;

/** As unison does before it reads folders. */
async function scan(path: string, ...folders: string[]) {
    say(`START tree ${root} ${path}`);
    expect(await hear()).toBe("OK");
    for (const folder of folders) {
        say(`DIR ${folder}`);
        expect(await hear()).toBe("OK");
    }
    say("DONE");
}

/** Waits for a change, and asks for all. */
async function changes() {
    say("WAIT tree");
    expect(await hear()).toBe("CHANGES tree");
    say("CHANGES tree");
    const found: string[] = [];
    for (let line = await hear(); line !== "DONE"; line = await hear())
        found.push(line.replace("RECURSIVE ", ""));
    return found.sort();
}

async function none() {
    say("CHANGES tree");
    expect(await hear()).toBe("DONE");
}

describe("what unison is told", () => {
    test("files that are made, written and removed, each once", async () => {
        await scan("", "");
        writeFileSync(join(root, "a"), "1");
        writeFileSync(join(root, "a"), "2");
        expect(await changes()).toEqual(["a"]);
        rmSync(join(root, "a"));
        expect(await changes()).toEqual(["a"]);
        await none();
    });

    test("a new folder as a whole, with what was in it before it was watched; then what comes into it", async () => {
        await scan("", "");
        mkdirSync(join(root, "new/inner"), { recursive: true });
        writeFileSync(join(root, "new/inner/a"), "");
        expect(await changes()).toEqual(["new"]);
        await scan("new", "", "inner");
        writeFileSync(join(root, "new/inner/b"), "");
        expect(await changes()).toEqual(["new/inner/b"]);
    });

    test("both names of what is renamed, and what happens in a folder by its new name", async () => {
        mkdirSync(join(root, "old"));
        await scan("", "", "old");
        renameSync(join(root, "old"), join(root, "new"));
        expect(await changes()).toContain("new");
        await scan("old");
        await scan("new", "");
        writeFileSync(join(root, "new/a"), "");
        expect(await changes()).toEqual(["new/a"]);
    });

    test("nothing of a folder that unison leaves out, nor of its own files beside the place", async () => {
        mkdirSync(join(root, "left-out"));
        await scan("", "");
        writeFileSync(join(root, "left-out/a"), "");
        writeFileSync(join(root, ".unison.a.0123.unison.tmp"), "");
        writeFileSync(join(root, "b"), "");
        expect(await changes()).toEqual(["b"]);
    });

    test("names with spaces, newlines, a leading dash, percent signs, and bytes that are no UTF-8", async () => {
        await scan("", "");
        const names = [" a b", "a\nb", "-rf", "100%", "\xff\xfe"];
        for (const name of names)
            writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from(name, "latin1")]), "");
        // On a busy machine they are told in parts.
        const told: string[] = [];
        while (told.length < names.length) told.push(...(await changes()));
        expect(told.sort()).toEqual(["%20a%20b", "%FF%FE", "-rf", "100%25", "a%0Ab"]);
    });

    test("a file that never rests", async () => {
        await scan("", "");
        const writing = setInterval(() => writeFileSync(join(root, "log"), "x", { flag: "a" }), 20);
        try {
            expect(await changes()).toEqual(["log"]);
        } finally {
            clearInterval(writing);
        }
    });
});

test("what unison would delete after a conflict has its name back before it looks", async () => {
    await scan("", "");
    writeFileSync(join(root, "tmp"), "changed");
    renameSync(join(root, "tmp"), join(root, "a (conflict_on_2026-11-29_was_deleted).txt"));
    expect(await changes()).toContain("a.txt");
    await scan("", "");
    writeFileSync(join(root, "a.txt"), "again");
    expect(await changes()).toEqual(["a.txt"]);
});

test("a command that it does not know is an error that unison reads", async () => {
    say("WHATEVER");
    expect(await hear()).toBe("ERROR it%20does%20not%20know%20the%20command%20WHATEVER");
});

/** A namespace of users has limits of its own. */
const LIMITED = 'echo 3 >/proc/sys/user/max_inotify_watches && exec "$@"';
const limited = execaSync("unshare", ["-Ur", "sh", "-c", LIMITED, "sh", "true"], { reject: false });

test.skipIf(limited.failed)(
    "more folders than may be watched: which setting to raise, and from what",
    async () => {
        const commands = [
            ...["VERSION 1", `START tree ${root} `],
            ...["a", "b", "c", "d"].map((name) => `DIR ${name}`),
        ];
        for (const name of ["a", "b", "c", "d"]) mkdirSync(join(root, name));
        const { stdout, stderr, exitCode } = await execa(
            "unshare",
            ["-Ur", "sh", "-c", LIMITED, "sh", PYTHON, "-B", MONITOR],
            { input: `${commands.join("\n")}\n`, reject: false },
        );
        const told = /more folders than may be watched: raise fs\.inotify\.max_user_watches, which is \d+/;
        expect(exitCode).toBe(1);
        expect(stderr).toMatch(told);
        expect(decodeURIComponent(stdout.split("\n").at(-1) ?? "")).toMatch(told);
    },
);
