import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, expect, test } from "vitest";

let bin: string;
beforeEach(() => {
    bin = mkdtempSync(join(tmpdir(), "evenkeel-door-"));
    writeFileSync(join(bin, "socat"), '#!/bin/bash\necho "$@"\nhead -n 2\n');
    chmodSync(join(bin, "socat"), 0o755);
});
afterEach(() => rmSync(bin, { recursive: true }));

const door = (command: string, input: string) =>
    execa("bash", ["src/sync/onhost/sync-door", "site"], {
        env: { PATH: `${bin}:${process.env.PATH}`, SSH_ORIGINAL_COMMAND: command },
        input,
        reject: false,
    });

test("the command goes first, as one line, and then what the other side says", async () => {
    const { exitCode, stdout } = await door("rsync --server a\\ b", "bytes\n");
    expect(exitCode).toBe(0);
    expect(stdout.split("\n")).toEqual([
        "-t 86400 FD:0!!FD:1,shut-close UNIX-CONNECT:/run/evenkeel-sync-site/door.sock",
        ...["rsync --server a\\ b", "bytes"],
    ]);
});

test("no command, and more than one, are refused", async () => {
    for (const command of ["", "hello\nrsync", "hello\r"]) {
        expect(await door(command, "")).toMatchObject({ exitCode: 1, stdout: "" });
    }
});
