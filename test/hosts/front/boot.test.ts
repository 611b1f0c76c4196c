import { expect, onTestFinished, test } from "vitest";
import { endsSteady, fetchEvery, fetchMany, succeeded } from "../../../tools/fetching.ts";
import { within } from "../../../tools/waiting.ts";
import { handOver } from "../../faults/handOver.ts";
import { settled } from "../../faults/pair.ts";
import { sharedFlagship } from "../../support/shared.ts";
import { failedUnits, troubledBoot } from "../../support/troubledBoot.ts";

const site = await sharedFlagship();

test("a balancer and a web host boot with a late address and with others on their ports: the site serves on, and both are back", async () => {
    const { active, standby } = await settled(site);
    const load = fetchEvery(site.url, 20, Number.POSITIVE_INFINITY);
    onTestFinished(() => load.stop());
    const ends = await Promise.all([
        troubledBoot(site.cloud, active, ["tcp/22", "tcp/80", "tcp/8404", "udp/4789"]),
        troubledBoot(site.cloud, "web-1", ["tcp/22", "tcp/80"]),
    ]);
    await within(30, "steady answers", () => endsSteady(load.results));
    const since = performance.now();
    await Promise.all(ends.map((end) => end()));
    // Nobody hears its VRRP, and it hears nobody's: it must not take the address.
    expect(await site.holder()).toBe(standby);
    expect((await settled(site)).active).toBe(standby);
    await load.stop();
    const lost = load.results.filter((one) => one.at > since && !succeeded(one));
    expect(lost).toEqual([]);

    // All that they do, by what they say and by what comes through them.
    await handOver(site);
    expect((await settled(site)).active).toBe(active);
    const answers = await fetchMany(site.url, 100);
    expect(answers.filter((one) => !succeeded(one))).toEqual([]);
    expect(new Set(answers.map(({ servedBy }) => servedBy))).toEqual(new Set(["web-0", "web-1"]));
    for (const host of [active, "web-1"]) {
        await within(10, `SSH on ${host}`, async () => (await site.on(host, SSH)).includes("ssh-ed25519"));
        expect(await site.on(host, "nft list chain inet evenkeel input")).toContain("policy drop");
        expect(await failedUnits(site.cloud, host)).toBe("");
    }
});

const SSH = "ssh-keyscan -T 2 -t ed25519 127.0.0.1 2>/dev/null || true";
