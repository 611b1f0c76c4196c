import { describe, expect, test } from "vitest";
import { within } from "../../tools/waiting.ts";
import type { Flagship } from "../support/flagship.ts";
import { testFailures } from "./balancerFailures.ts";
import { type Engine, KEEPALIVED } from "./engines.ts";
import { BLIND, deaf, eachOf, failuresOf, fault, RESERVED_IPS, SEEING } from "./failures.ts";
import { handOver } from "./handOver.ts";
import { moves } from "./moves.ts";
import { inMs, settled } from "./pair.ts";

/** Every failure of a pair that `npm test` does not make, and what the API may do meanwhile. */
export function testEveryFailure(site: Flagship, engine: Engine): void {
    testFailures(
        site,
        failuresOf(engine).filter(({ sampled }) => !sampled),
    );

    describe("the address arrives although the API", () => {
        test("limits the rate", async () => {
            const until = inMs(4000);
            await fault(site, { error: { status: 429, path: RESERVED_IPS, methods: ["POST"] }, until });
            await handOver(site, undefined, engine);
            expect(Date.now()).toBeGreaterThan(Date.parse(until));
        });

        test("forgets its actions", async () => {
            const path = `${RESERVED_IPS}/${site.address}/actions`;
            await whileApi({ error: { status: 404, path, methods: ["GET"] } }, () =>
                handOver(site, undefined, engine),
            );
        });

        test("is slow; meanwhile the token is in no process, and afterwards in no log", async () => {
            const { active, standby } = await settled(site);
            await whileApi({ latencyMs: 1500 }, () =>
                handOver(
                    site,
                    async () => {
                        const seen =
                            "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' ' '";
                        let processes = "";
                        const isAsking = async () => {
                            processes = await site.on(standby, seen);
                            return processes.includes("curl --silent");
                        };
                        await within(10, "the request", isAsking);
                        expect(processes).not.toContain(site.cloud.failoverToken);
                    },
                    engine,
                ),
            );
            for (const host of [active, standby]) {
                expect(await site.on(host, "journalctl -q -o cat")).not.toContain(site.cloud.failoverToken);
            }
        });
    });

    describe("the address stays with the master", () => {
        test("when somebody else moves it away", async () => {
            const { active, standby } = await settled(site);
            await assignTo(site, standby);
            expect((await settled(site)).active).toBe(active);
        });

        test("when neither balancer reaches a web host, and when both do again", async () => {
            const pair = await settled(site);
            const before = await moves(site);
            await eachOf(pair, (host) => site.on(host, BLIND));
            // Longer than a host that serves would take to get it.
            await new Promise((resolve) => setTimeout(resolve, 15_000));
            await eachOf(pair, (host) => site.on(host, SEEING));
            await new Promise((resolve) => setTimeout(resolve, 15_000));
            expect(await settled(site)).toEqual(pair);
            expect(await moves(site)).toBe(before);
        });

        test("when the standby host is told to take it", async () => {
            const { active, standby } = await settled(site);
            const before = await moves(site);
            await site.on(
                standby,
                "/usr/local/lib/evenkeel/failover assign /etc/evenkeel/balancers/lb/failover.conf",
            );
            expect(await moves(site)).toBe(before);
            expect((await settled(site)).active).toBe(active);
        });

        test("when its engine is reloaded", async () => {
            const pair = await settled(site);
            const before = await moves(site);
            await eachOf(pair, (host) => site.on(host, engine.reload));
            expect(await settled(site)).toEqual(pair);
            expect(await moves(site)).toBe(before);
        });

        test.runIf(engine === KEEPALIVED)(
            "when the network under VRRP was made anew on the standby host: that one takes over as before",
            async () => {
                const pair = await settled(site);
                await site.on(pair.standby, "systemctl restart evenkeel-vrrp-link@lb");
                expect(await settled(site)).toEqual(pair);
                await handOver(site, undefined, engine);
            },
        );

        test("when two masters do not hear each other for 20 s: few moves, and one holder after it", async () => {
            const pair = await settled(site);
            const before = await moves(site);
            await eachOf(pair, (host) => site.on(host, deaf(engine)));
            await new Promise((resolve) => setTimeout(resolve, 20_000));
            const asked = (await moves(site)) - before;
            expect(asked).toBeGreaterThan(0);
            expect(asked).toBeLessThan(8);
            await eachOf(pair, (host) => site.on(host, "nft delete table ip deaf"));
            await settled(site);
        });
    });

    async function whileApi(body: object, work: () => Promise<unknown>): Promise<void> {
        await fault(site, body);
        try {
            await work();
        } finally {
            await site.api("DELETE", "/_local/faults");
        }
    }
}

/** As somebody else would who has a token. */
async function assignTo(site: Flagship, name: string): Promise<void> {
    const { droplets } = (await site.api("GET", "/v2/droplets")) as {
        droplets: { id: number; name: string }[];
    };
    const { id } = droplets.find((droplet) => droplet.name === name)!;
    await site.api("POST", `${RESERVED_IPS}/${site.address}/actions`, { type: "assign", droplet_id: id });
    await within(5, "the move", async () => (await site.holder()) === name, 100);
}
