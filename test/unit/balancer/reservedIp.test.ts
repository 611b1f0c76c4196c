import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { standIns } from "../../support/standIns.ts";

/** A host for the agent: the mark on lo is a file, and `failover` notes how it was called. */
async function host() {
    const { folder, env, standIn } = await standIns();
    const at = (name: string) => join(folder, name);
    const conf = at("failover.conf");
    await writeFile(conf, `VIP=169.254.51.100/32\nRUN_DIR=${at("run")}\n`);
    await standIn(
        "ip",
        `case "$*" in
            "address replace 169.254.51.100/32 dev lo") touch ${at("marked")} ;;
            "address delete 169.254.51.100/32 dev lo") rm ${at("marked")} ;;
            *) [ ! -e ${at("marked")} ] || echo "1: lo inet 169.254.51.100/32" ;;
        esac`,
    );
    // It goes on after the agent, with what that has given it: who waits for its output would wait for it.
    await standIn(
        "failover",
        `for _ in {1..300}; do [ ! -e ${at("answers")} ] || break; sleep 0.1; done; echo "$*" >>${at("called")}`,
    );
    const agent = (action: string, given = conf) =>
        execa("bash", ["src/balancer/onhost/reserved-ip", action], {
            env: { ...env, OCF_RESKEY_conf: given, FAILOVER: at("failover") },
            reject: false,
        });
    const read = (name: string) =>
        readFile(at(name), "utf8").then(
            (text) => text.trim(),
            () => "",
        );
    const cloudAnswers = () => writeFile(at("answers"), "");
    return { agent, read, conf, cloudAnswers };
}

test("it starts, is there, and stops; the cloud is asked meanwhile, and nobody waits for that", async () => {
    const { agent, read, conf, cloudAnswers } = await host();
    expect((await agent("monitor")).exitCode).toBe(7);
    expect((await agent("start")).exitCode).toBe(0);
    expect(await read("called")).toBe("");
    expect((await agent("monitor")).exitCode).toBe(0);
    expect(await read("run/execd")).toBe(String(process.pid));
    await cloudAnswers();
    await expect.poll(() => read("called"), { timeout: 30_000 }).toBe(`assign ${conf}`);
    expect((await agent("stop")).exitCode).toBe(0);
    expect((await agent("monitor")).exitCode).toBe(7);
    // Again, as Pacemaker may: it is stopped already.
    expect((await agent("stop")).exitCode).toBe(0);
});

test("where the pair has never been set up it does not run, and cannot", async () => {
    const { agent } = await host();
    const codes = ["monitor", "stop", "start"].map((action) => agent(action, "/nowhere"));
    expect((await Promise.all(codes)).map(({ exitCode }) => exitCode)).toEqual([7, 0, 6]);
});

test("it tells what it is, and refuses what it does not know", async () => {
    const { agent } = await host();
    expect((await agent("meta-data")).stdout).toContain('<resource-agent name="reserved-ip" version="1.0">');
    expect((await agent("promote")).exitCode).toBe(3);
});
