import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { describe, expect, onTestFinished, test } from "vitest";
import { standIns } from "../../support/standIns.ts";

const GATEWAY = "192.0.2.1";

/** A host's surroundings, the watch in them, and what it takes off the priority. */
async function watched({ vrrp = "BACKUP", failBackDelay = -1, engine = "keepalived", bgp = false } = {}) {
    const { folder, env, standIn } = await standIns();
    const pair = join(folder, "lb");
    await mkdir(pair);
    const at = (name: string) => join(folder, name);
    const set = (name: string, isSo: boolean) =>
        isSo ? writeFile(at(name), "") : rm(at(name), { force: true });
    await standIn("ip", `echo default via ${GATEWAY} dev eth0 proto static`);
    await standIn(
        "ping",
        `while kill -0 $PPID 2>/dev/null && sleep 0.1; do [ ! -e ${at("answers")} ] || echo 64 bytes from ${GATEWAY}: icmp_seq=1; done`,
    );
    // What Pacemaker is told is a file, too; it may not be there.
    await standIn(
        "attrd_updater",
        `[ ! -e ${at("down")} ] && [ "$1 $2 $3" = "--name points --update" ] && echo "$4" >${at("watched")}`,
    );
    await set("listens", true);
    await standIn("birdc", `[ ! -e ${at("listens")} ] || echo cloud BGP --- up 04:17:49 Established`);
    await standIn("cluster", `[ -e ${at("waits")} ]`);
    let [hasBackends, hasHaproxy] = [true, true];
    const server = createServer((request, reply) => {
        if (hasHaproxy) reply.writeHead(hasBackends ? 200 : 503).end();
        else request.socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await writeFile(
        join(pair, "watch.conf"),
        `READY_ADDRESS=127.0.0.1\nREADY_PORT=${port}\nWEIGHT=68\nFOLDER=${folder}\n${bgp ? "BGP=cloud\n" : ""}${failBackDelay < 0 ? "" : `BONUS=34\nFAIL_BACK_S=${failBackDelay}\n`}${engine === "pacemaker" ? "POINTS=points\nMARK=169.254.51.100\nVRRP_LINK=vr51\n" : ""}`,
    );
    const knowsGateway = (flags: string) =>
        writeFile(at("arp"), `IP address HW type Flags\n${GATEWAY} 0x1 ${flags} 02:00:00:00:00:01 * eth0\n`);
    const says = async (state: string) => {
        const mark =
            state === "MASTER" ? "           |-- 169.254.51.100\n              /32 host LOCAL\n" : "";
        await writeFile(at("trie"), `           |-- 127.0.0.1\n              /32 host LOCAL\n${mark}`);
        if (engine === "pacemaker") return;
        const [uptime = ""] = (await readFile("/proc/uptime", "utf8")).split(" ");
        await writeFile(at("state"), `${state} ${uptime.replace(".", "")}0\n`);
    };
    await knowsGateway("0x2");
    await says(vrrp);
    const watch = execa("bash", ["src/balancer/onhost/watch", "lb"], {
        env: {
            ...env,
            PAIRS: folder,
            ARP: at("arp"),
            TRIE: at("trie"),
            NET: at("net"),
            CLUSTER: at("cluster"),
            MASTER_MISSING_MS: "3000",
            BACK_MS: "3000",
            UNANSWERED_MS: "1000",
        },
        reject: false,
    });
    onTestFinished(async () => {
        watch.kill();
        await watch;
        server.close();
    });
    const priority = () =>
        readFile(at("watched"), "utf8").then(
            (text) => text.trim(),
            () => "",
        );
    const becomes = async (value: string, seconds = 30) => {
        const began = Date.now();
        await expect.poll(priority, { timeout: seconds * 1000, interval: 50 }).toBe(value);
        return Date.now() - began;
    };
    await becomes("0");
    return {
        set,
        becomes,
        priority,
        says,
        knowsGateway,
        routerListens: (isSo: boolean) => set("listens", isSo),
        pingAnswers: (isSo: boolean) => set("answers", isSo),
        backends: (are: boolean) => {
            hasBackends = are;
        },
        haproxy: (is: boolean) => {
            hasHaproxy = is;
        },
    };
}

describe("a balancer without what it serves visitors with is worth less", () => {
    test.each(["keepalived", "pacemaker"])(
        "on %s the master is the last to count that no backend is left, and the first to forget it",
        async (engine) => {
            const [master, backup] = await Promise.all([
                watched({ vrrp: "MASTER", engine }),
                watched({ engine }),
            ]);
            for (const host of [master, backup]) host.backends(false);
            const [late, soon] = await Promise.all([master.becomes("-68"), backup.becomes("-68")]);
            expect(soon).toBeLessThan(late - 500);
            for (const host of [master, backup]) host.backends(true);
            const [first, last] = await Promise.all([master.becomes("0"), backup.becomes("0")]);
            expect(first).toBeLessThan(last - 500);
        },
    );

    test("a gateway that has answered, and does no more", async () => {
        const { pingAnswers, becomes, backends } = await watched();
        await pingAnswers(true);
        await sleep(1500);
        await pingAnswers(false);
        await becomes("-68");
        backends(false);
        await becomes("-136");
        backends(true);
        await pingAnswers(true);
        await becomes("0", 15);
    });

    test("a router that does not listen to what it announces is a gateway that is gone", async () => {
        const { routerListens, priority, becomes } = await watched({ bgp: true });
        await sleep(1500);
        expect(await priority()).toBe("0");
        await routerListens(false);
        await becomes("-68");
        await routerListens(true);
        await becomes("0", 15);
    });

    test("a gateway that answers no ping is there for as long as it says where", async () => {
        const { knowsGateway, priority, becomes } = await watched();
        await sleep(2500);
        expect(await priority()).toBe("0");
        await knowsGateway("0x0");
        await becomes("-68");
        await knowsGateway("0x2");
        await becomes("0", 15);
    });
});

test("with failBack a backup is worth what the master is after the delay, and only as long as it is one", async () => {
    const host = await watched({ vrrp: "FAULT", failBackDelay: 2 });
    await host.says("BACKUP");
    expect(await host.becomes("34")).toBeGreaterThan(1000);
    await host.says("FAULT");
    await host.becomes("0");
});

describe("Pacemaker is told", () => {
    const engine = "pacemaker";

    test("that HAProxy does not answer: more than all else together, soon on any host", async () => {
        const { haproxy, becomes } = await watched({ vrrp: "MASTER", engine });
        haproxy(false);
        await becomes("-204");
        await becomes("-272");
        haproxy(true);
        await becomes("0");
    });

    test("with failBack, what the master has, after the delay; the time in which it was not there does not count", async () => {
        const host = await watched({ engine, failBackDelay: 2 });
        await host.becomes("34");
        await host.says("MASTER");
        await host.becomes("0");
        await host.set("down", true);
        await host.says("BACKUP");
        // Within three seconds it is told anew, and cannot be.
        await sleep(4000);
        await host.set("down", false);
        expect(await host.becomes("34")).toBeGreaterThan(1000);
    });

    test("anew what it may have forgotten", async () => {
        const { set, becomes } = await watched({ engine });
        await set("watched", false);
        await becomes("0");
    });

    test("nothing while the pair changes over from VRRP", async () => {
        const { set, priority, backends, becomes } = await watched({ engine });
        await set("waits", true);
        backends(false);
        await sleep(2000);
        expect(await priority()).toBe("0");
        await set("waits", false);
        await becomes("-68");
    });
});

test("who has the address keeps it against a better place", async () => {
    const { folder } = await standIns();
    const read = async (name: string) => (await readFile(join(folder, name), "utf8")).trim();
    for (const [state, bonus] of [
        ["MASTER", "34"],
        ["BACKUP", "0"],
        ["FAULT", "0"],
    ] as const) {
        const told = [folder, "34", "INSTANCE", "lb", state, "220"];
        await execa("bash", ["src/balancer/onhost/standing", ...told]);
        expect(await read("standing")).toBe(bonus);
        expect(await read("state")).toMatch(new RegExp(`^${state} \\d+$`));
    }
});
