import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";

const PROGRAM = "src/hosts/onhost/tracked-connections";

/** Looks at a host whose kernel says so. */
async function look(count: number, max: number, buckets = max) {
    const folder = mkdtempSync(join(tmpdir(), "evenkeel-tracked-"));
    const values = { nf_conntrack_count: count, nf_conntrack_max: max, nf_conntrack_buckets: buckets };
    for (const [name, value] of Object.entries(values)) writeFileSync(join(folder, name), `${value}\n`);
    const { exitCode, stdout } = await execa("bash", [PROGRAM, folder], {
        reject: false,
    });
    const now = (name: string) => Number(readFileSync(join(folder, name), "utf8"));
    return { exitCode, stdout, max: now("nf_conntrack_max"), buckets: now("nf_conntrack_buckets") };
}

test("a small host's limits are raised, whatever is in use", async () => {
    expect(await look(7000, 7680)).toEqual({ exitCode: 0, stdout: "", max: 131_072, buckets: 32_768 });
});

test("a large host's own are kept", async () => {
    expect(await look(7000, 262_144)).toMatchObject({ max: 262_144, buckets: 262_144 });
});

test("from four fifths on it fails and says so", async () => {
    expect((await look(209_000, 262_144)).exitCode).toBe(0);
    const { exitCode, stdout } = await look(210_000, 262_144);
    expect(exitCode).toBe(1);
    expect(stdout).toBe(
        "<4>210000 of at most 262144 connections are tracked: at 262144 new ones are dropped",
    );
});

test("a host that tracks none has nothing to do", async () => {
    const { exitCode } = await execa("bash", [PROGRAM, "/nowhere"], { reject: false });
    expect(exitCode).toBe(0);
});
