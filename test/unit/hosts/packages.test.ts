import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";

const LOCKED = "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 812 (apt-get)";

/** Runs apt_get with an apt-get in its place that fails so many times. */
async function aptGet({ failures, says, seconds }: { failures: number; says: string; seconds: number }) {
    const folder = mkdtempSync(join(tmpdir(), "evenkeel-apt-"));
    const program = `#!/bin/bash
echo "$@" >>${folder}/calls
[[ $(wc -l <${folder}/calls) -gt ${failures} ]] || { echo '${says}'; exit 100; }
`;
    writeFileSync(join(folder, "apt-get"), program, { mode: 0o755 });
    const script = `set -uo pipefail
PATH=$WORK:$PATH HOST=web-0
fail() { echo "$*"; exit 1; }
sleep() { command sleep 0.05; }
. src/hosts/onhost/packages.bash
APT_SECONDS=${seconds}
apt_get update && echo done || echo "failed: $(cat "$WORK/apt.log")"
wc -l <"$WORK/calls"`;
    const { stdout } = await execa("bash", ["-c", script], { env: { WORK: folder }, reject: false });
    return stdout;
}

test("apt's lists are waited for while another program has them", async () => {
    expect(await aptGet({ failures: 3, says: LOCKED, seconds: 60 })).toBe("done\n4");
});

test("not for ever: one error says who has them", async () => {
    expect(await aptGet({ failures: 99, says: LOCKED, seconds: 1 })).toBe(
        "another program has kept apt busy for 1 s: Could not get lock /var/lib/apt/lists/lock. It is held by process 812 (apt-get)",
    );
});

test("any other error is apt's, at once", async () => {
    const says = "E: Unable to locate package nginx-lite";
    expect(await aptGet({ failures: 99, says, seconds: 60 })).toBe(`failed: ${says}\n1`);
});
