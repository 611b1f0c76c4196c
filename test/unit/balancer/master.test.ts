import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { expect, onTestFinished, test } from "vitest";
import { standIns } from "../../support/standIns.ts";

/** A host with the master's mark, and programs that run under their names. */
async function marked(programs: string[]) {
    const { folder, env, standIn } = await standIns();
    const at = (name: string) => join(folder, name);
    await standIn("ip", "echo 1: lo inet 169.254.51.100/32");
    await standIn("logger", "");
    // What is asked of the API is all that matters here.
    await standIn("curl", `echo "$*" >>${at("asked")}; echo; echo 500`);
    const start = (name: string) => execa(join(at(name), name), ["60"], { reject: false });
    const running: ReturnType<typeof start>[] = [];
    for (const name of programs) {
        await mkdir(at(name));
        await copyFile("/usr/bin/sleep", join(at(name), name));
        const process = start(name);
        running.push(process);
        onTestFinished(async () => {
            process.kill("SIGKILL");
            await process;
        });
        await writeFile(at(`${name}.pid`), `${process.pid}\n`);
    }
    const engine = programs.map((name) => `"${at(`${name}.pid`)} ${name}"`).join(" ");
    await writeFile(
        at("conf"),
        `API_URL=https://api.example\nADDRESS=192.0.2.1\nDROPLET_ID=1\nVIP=169.254.51.100/32\nREADY=none\nHEADER=none\nRUN_DIR=${at("run")}\nENGINE=(${engine})\n`,
    );
    const reconcile = () =>
        execa("bash", ["src/balancer/onhost/failover", "reconcile", at("conf")], { env, reject: false });
    /** Whether it thinks that it is the master: only then it asks. */
    const asks = async () => {
        await writeFile(at("asked"), "");
        await reconcile();
        return (await readFile(at("asked"), "utf8")) !== "";
    };
    return { asks, running };
}

test.each([[["keepalived"]], [["corosync", "pacemaker-execd"]]])(
    "a mark is worth something while the engine works: %s",
    async (programs) => {
        const { asks, running } = await marked(programs);
        expect(await asks()).toBe(true);
        for (const process of running) {
            process.kill("SIGSTOP");
            await expect.poll(asks, { timeout: 5000 }).toBe(false);
            process.kill("SIGCONT");
            await expect.poll(asks, { timeout: 5000 }).toBe(true);
        }
        const last = running.at(-1)!;
        last.kill("SIGKILL");
        await last;
        expect(await asks()).toBe(false);
    },
);
