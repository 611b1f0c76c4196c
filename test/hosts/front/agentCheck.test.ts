import { afterAll, beforeAll, expect, test } from "vitest";
import { fetchMany } from "../../../tools/fetching.ts";
import { within } from "../../../tools/waiting.ts";
import { settled } from "../../faults/pair.ts";
import { succeeded } from "../../support/flagship.ts";
import { sharedFlagship } from "../../support/shared.ts";

const site = await sharedFlagship();
const BALANCERS = ["lb-0", "lb-1"];
const AGENT = "evenkeel-load-agent";

let put: () => void;
beforeAll(async () => {
    put = site.edit("backends: web.hosts,", "backends: web.hosts, weightByLoad: true,");
    succeeded(await site.stack.up());
    await settled(site);
}, 300_000);
afterAll(async () => {
    put();
    succeeded(await site.stack.up());
}, 300_000);

/** What a balancer's HAProxy has as the weights of both web hosts. */
async function weights(balancer: string): Promise<[number, number]> {
    const shown = await site.on(
        balancer,
        "echo show stat | nc -U /run/haproxy/admin.sock | grep '^lb-http-80,web-' | cut -d, -f19",
    );
    const [web0, web1] = shown.split("\n").map(Number);
    return [web0!, web1!];
}
const onAll = async (holds: (web0: number, web1: number) => boolean) =>
    (await Promise.all(BALANCERS.map(weights))).every(([web0, web1]) => holds(web0, web1));

/** Of so many requests, those that each host answers. */
async function served(count: number): Promise<Record<string, number>> {
    const answers = (await fetchMany(site.url, count)).map(({ servedBy }) => servedBy);
    return Object.fromEntries(
        ["web-0", "web-1"].map((host) => [host, answers.filter((each) => each === host).length]),
    );
}

test("a loaded host gets less within seconds, and its share again when it has time", async () => {
    // Whatever else this machine does: between a tenth and all.
    expect(await onAll((...both) => both.every((weight) => weight >= 10 && weight <= 100))).toBe(true);
    // Three for one processor, for a minute and a half at most.
    await site.on(
        "web-0",
        "systemd-run -q --unit=burner -p RuntimeMaxSec=90 bash -c 'for i in 1 2 3; do while :; do :; done & done; wait'",
    );
    let lowest: number;
    try {
        await within(60, "web-0 to weigh less", () => onAll((web0, web1) => web0 < 0.7 * web1), 500);
        const answered = await served(200);
        expect(answered["web-0"]! + answered["web-1"]!).toBe(200);
        expect(answered["web-0"]! / answered["web-1"]!).toBeLessThan(0.8);
        lowest = Math.max(...(await Promise.all(BALANCERS.map(weights))).map(([web0]) => web0));
    } finally {
        await site.on("web-0", "systemctl stop burner");
    }
    await within(90, "web-0 to weigh more", () => onAll((web0) => web0 > lowest + 10), 500);
});

test("only the balancers reach the agent, and it is nobody's process", async () => {
    const [address] = (
        await site.on("web-0", "ss -Hltn 'sport = :8406' | awk '{ print $4 }' | cut -d: -f1")
    ).split("\n");
    const ask = `timeout 3 bash -c 'cat </dev/tcp/${address}/8406' || echo nothing`;
    for (const balancer of BALANCERS) expect(await site.on(balancer, ask)).toMatch(/^\d+%$/);
    expect(await site.on("web-1", ask)).toMatch(/nothing$/);
    const user = await site.on("web-0", `ps -o user= -p $(systemctl show -P MainPID ${AGENT})`);
    expect(user.trim()).not.toBe("root");
    expect(await site.on("web-0", `systemctl is-enabled ${AGENT}`)).toBe("enabled");
});

test("a host that does not answer has its configured weight", async () => {
    await site.on("web-1", `systemctl stop ${AGENT}`);
    try {
        for (const balancer of BALANCERS) await site.on(balancer, "systemctl reload haproxy");
        await settled(site);
        await within(10, "all of web-1's weight", () => onAll((_, web1) => web1 === 100));
        expect((await served(100))["web-1"]).toBeGreaterThan(0);
    } finally {
        await site.on("web-1", `systemctl start ${AGENT}`);
    }
});

test("asked no more, the hosts have nothing of it", async () => {
    put();
    succeeded(await site.stack.up());
    put = () => {};
    for (const host of ["web-0", "web-1"])
        expect(
            await site.on(
                host,
                `ls -d /etc/evenkeel/load-agent.conf /usr/local/lib/evenkeel/load-agent /etc/systemd/system/${AGENT}* 2>/dev/null || true; ss -Hltn 'sport = :8406'`,
            ),
        ).toBe("");
    await settled(site);
    expect(await onAll((...both) => both.every((weight) => weight === 1))).toBe(true);
});
