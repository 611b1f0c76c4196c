import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { standIns } from "../../support/standIns.ts";

/** What a host is told whose pair gets another engine. */
async function changing(former: string, { isAlone = false, others = [] as string[], leaves = true } = {}) {
    const { folder, env, standIn } = await standIns();
    const told = join(folder, "told");
    await standIn("systemctl", `[ "$2" = is-active ] || echo "$*" >>${told}`);
    await standIn("step-aside", `echo "step-aside $*" >>${told}; ${leaves}`);
    await mkdir(join(folder, "lb"));
    await mkdir(join(folder, "haproxy"));
    if (!isAlone) await writeFile(join(folder, "lb/step-aside.check"), "true\n");
    for (const name of others) await writeFile(join(folder, "haproxy", `${name}.cfg`), "");
    const { exitCode, stdout } = await execa("bash", ["src/balancer/onhost/change-over", "lb", former], {
        env: {
            ...env,
            PAIRS: folder,
            LIB: folder,
            HAPROXY_FOLDER: join(folder, "haproxy"),
            OTHERS_CHECKS_S: "0",
        },
        reject: false,
    });
    return { exitCode, stdout, told: (await readFile(told, "utf8")).trim().split("\n") };
}
const aside = "step-aside http://127.0.0.1:8404/metrics?scope=backend";

test("visitors go to the other balancer, and then the former daemon stops", async () => {
    expect((await changing("haproxy")).told).toEqual([aside, "stop haproxy"]);
    expect((await changing("evenkeel-nginx@lb")).told).toEqual([aside, "stop evenkeel-nginx@lb"]);
});

test("a HAProxy that has other pairs goes on with those", async () => {
    expect((await changing("haproxy", { others: ["other"] })).told).toEqual([aside, "reload haproxy"]);
    const { told } = await changing("evenkeel-nginx@lb", { others: ["other"] });
    expect(told).toEqual([aside, "stop evenkeel-nginx@lb"]);
});

test("who is alone, or has nobody who takes over, does it all the same", async () => {
    expect((await changing("haproxy", { isAlone: true })).told).toEqual(["stop haproxy"]);
    const { exitCode, stdout, told } = await changing("haproxy", { leaves: false });
    expect([exitCode, stdout, told]).toEqual([0, "visitors wait for a moment", [aside, "stop haproxy"]]);
});
