import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { removeContainers } from "../../../local/machines/container.ts";

/** A podman whose first removals end like this; gives how often it was called. */
function podmanThatFails(times: number, message: string): () => number {
    const folder = mkdtempSync(join(tmpdir(), "evenkeel-podman-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const calls = join(folder, "calls");
    const program = [
        "#!/bin/sh",
        `echo "$*" >> ${calls}`,
        `if [ "$(wc -l < ${calls})" -le ${times} ]; then echo "Error: ${message}" >&2; exit 125; fi`,
    ];
    writeFileSync(join(folder, "podman"), program.join("\n"), { mode: 0o755 });
    vi.stubEnv("PATH", `${folder}${delimiter}${process.env.PATH}`);
    return () => readFileSync(calls, "utf8").trim().split("\n").length;
}

test("a container whose processes die slowly is removed all the same", async () => {
    const slow =
        "cannot remove container 1 as it could not be stopped: given PIDs did not die within timeout";
    const calls = podmanThatFails(2, slow);
    await removeContainers("one", "two");
    expect(calls()).toBe(3);
});

test("any other failure of a removal is told at once", async () => {
    const calls = podmanThatFails(1, "cannot connect");
    await expect(removeContainers("one")).rejects.toThrow("cannot connect");
    expect(calls()).toBe(1);
});
