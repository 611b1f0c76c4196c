import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { standIns } from "../../support/standIns.ts";

/** A host with two pairs, and what its programs were told, in order. */
async function twoPairs(checks: string[], unit?: string) {
    const { folder, env, standIn } = await standIns();
    const told = join(folder, "told");
    await standIn("curl", "echo 'haproxy_backend_current_sessions{} 0'");
    await standIn("nft", `sed "s/^/nft: /" >>${told}`);
    await standIn(
        "systemctl",
        `[ "$1" = is-active ] || { echo "$*" >>${told}; touch ${folder}/stopped; exit; }
[ -e ${folder}/stopped ] && echo inactive && exit 3; echo activating; exit 3`,
    );
    for (const [index, check] of checks.entries()) {
        const pair = join(folder, `pair${index}`);
        await mkdir(pair);
        await writeFile(join(pair, "step-aside.nft"), `table inet ${index}\ndelete table inet ${index}\n`);
        await writeFile(join(pair, "step-aside.check"), `${check}\n`);
    }
    return {
        /** What another engine's pair has there. */
        other: async (check: string) => {
            await writeFile(
                join(folder, "pair0", "corosync-aside.nft"),
                "table inet p\ndelete table inet p\n",
            );
            await writeFile(join(folder, "pair0", "corosync-aside.check"), `${check}\n`);
        },
        leave: () =>
            execa("bash", ["src/balancer/onhost/step-aside", "http://metrics", ...(unit ? [unit] : [])], {
                env: { ...env, PAIRS: folder },
                reject: false,
            }),
        told: async () => (await readFile(told, "utf8")).trim().split("\n"),
    };
}

test("visitors of all pairs are hushed before VRRP stops, once, and are heard again", async () => {
    const { leave, told } = await twoPairs(["true", "true"]);
    expect((await leave()).exitCode).toBe(0);
    const once = await told();
    expect(once).toEqual([
        "nft: table inet 0",
        "nft: delete table inet 0",
        "nft: table inet 1",
        "nft: delete table inet 1",
        "stop keepalived",
        "nft: delete table inet 0",
        "nft: delete table inet 1",
    ]);
    // The second pair's role asks for the same.
    expect((await leave()).exitCode).toBe(0);
    expect(await told()).toEqual(once);
});

test("where nobody takes one of the addresses, VRRP goes on and the pair's words are told", async () => {
    const { leave, told } = await twoPairs(["true", "echo 10.0.0.9 is nowhere; false"]);
    const { exitCode, stderr } = await leave();
    expect([exitCode, stderr]).toEqual([1, "no other balancer takes over: 10.0.0.9 is nowhere"]);
    expect(await told()).toContain("start keepalived");
});

test("what nginx is at work on is finished first, too", async () => {
    const { folder, env, standIn } = await standIns();
    const told = join(folder, "told");
    await mkdir(join(folder, "lb"));
    await writeFile(join(folder, "lb/step-aside.nft"), "table inet lb\n");
    await writeFile(join(folder, "lb/step-aside.check"), "true\n");
    await writeFile(join(folder, "lb/step-aside.nginx"), "http://status\n");
    await standIn("nft", "cat >/dev/null");
    await standIn("systemctl", `[ "$1" = is-active ] && echo active && exit; echo "$*" >>${told}`);
    // No HAProxy here; nginx has two visitors at first, of whom one waits on his connection, and itself.
    await standIn(
        "curl",
        `[[ $* == *http://status ]] || exit 7
echo asked >>${told}
open=$(($(grep -c asked ${told}) > 2 ? 2 : 3))
printf 'Active connections: %s \\nserver accepts handled requests\\n 7 7 7 \\nReading: 0 Writing: 1 Waiting: 1 \\n' $open`,
    );
    const run = await execa("bash", ["src/balancer/onhost/step-aside", "http://metrics"], {
        env: { ...env, PAIRS: folder },
        reject: false,
    });
    expect(run.exitCode).toBe(0);
    expect((await readFile(told, "utf8")).trim().split("\n")).toEqual([
        "asked",
        "asked",
        "asked",
        "stop keepalived",
    ]);
});

test("a pair on Pacemaker leaves by itself, beside those on keepalived", async () => {
    const { leave, told, other } = await twoPairs(["false"], "corosync");
    await other("true");
    expect((await leave()).exitCode).toBe(0);
    expect(await told()).toEqual([
        "nft: table inet p",
        "nft: delete table inet p",
        "stop corosync",
        "nft: delete table inet p",
    ]);
});
