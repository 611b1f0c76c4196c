import { expect, onTestFinished, test } from "vitest";
import { endsSteady, fetchEvery, fetchMany, succeeded } from "../../tools/fetching.ts";
import { within } from "../../tools/waiting.ts";
import type { Flagship } from "../support/flagship.ts";
import { failedUnits, troubledBoot } from "../support/troubledBoot.ts";
import type { Engine } from "./engines.ts";
import { handOver } from "./handOver.ts";
import { settled } from "./pair.ts";

/** What another program has of the balancer's ports, and of a web host's that boots beside it. */
const troubles = ({ port }: Engine): { name: string; balancer: string[]; web?: string[] }[] => [
    // Its HAProxy is well, nobody hears its VRRP, and it hears nobody's: it must not take the address.
    { name: "with a late address", balancer: ["tcp/22"], web: ["tcp/22", "tcp/80"] },
    { name: "with others on its ports, too", balancer: ["tcp/80", "tcp/8404", `udp/${port}`] },
];

/** The active balancer boots, with something late or in its way. */
export function testBoot(site: Flagship, engine: Engine): void {
    test.each(troubles(engine))(
        "the active balancer boots $name: the site serves on, and it is back",
        async ({ balancer, web }) => {
            const { active, standby } = await settled(site);
            const load = fetchEvery(site.url, 20, Number.POSITIVE_INFINITY);
            onTestFinished(() => load.stop());
            const boots = [troubledBoot(site.cloud, active, balancer)];
            if (web) boots.push(troubledBoot(site.cloud, "web-1", web));
            const ends = await Promise.all(boots);
            // What waits for the dead balancer has not failed yet: answers count as steady after the move alone.
            await within(
                30,
                `the address to move to ${standby}`,
                async () => (await site.holder()) === standby,
            );
            await within(30, "steady answers", () => endsSteady(load.results));
            const since = performance.now();
            await Promise.all(ends.map((end) => end()));
            expect((await settled(site)).active).toBe(standby);
            await load.stop();
            expect(load.results.filter((one) => one.askedAt > since && !succeeded(one))).toEqual([]);

            // All that they do, by what they say and by what comes through them.
            await handOver(site, undefined, engine);
            expect((await settled(site)).active).toBe(active);
            const answers = await fetchMany(site.url, 100);
            expect(answers.filter((one) => !succeeded(one))).toEqual([]);
            expect(new Set(answers.map(({ servedBy }) => servedBy))).toEqual(new Set(["web-0", "web-1"]));
            for (const host of [active, ...(web ? ["web-1"] : [])]) {
                await within(10, `SSH on ${host}`, async () =>
                    (await site.on(host, SSH)).includes("ssh-ed25519"),
                );
                expect(await site.on(host, "nft list chain inet evenkeel input")).toContain("policy drop");
                expect(await failedUnits(site.cloud, host)).toBe("");
            }
        },
    );
}

const SSH = "ssh-keyscan -T 2 -t ed25519 127.0.0.1 2>/dev/null || true";
