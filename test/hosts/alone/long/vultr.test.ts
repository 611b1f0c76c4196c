import { afterAll, beforeAll, expect, test } from "vitest";
import { fetchMany, succeeded as isGood } from "../../../../tools/fetching.ts";
import { testFailures } from "../../../faults/balancerFailures.ts";
import { settled } from "../../../faults/pair.ts";
import { failuresOnVultr } from "../../../faults/vultrFailures.ts";
import { succeeded } from "../../../support/flagship.ts";
import { deployFlagshipOnVultr, type FlagshipOnVultr } from "../../../support/flagshipOnVultr.ts";
import { underLoad } from "../../../support/underLoad.ts";

let deployed: FlagshipOnVultr;
beforeAll(async () => {
    deployed = await deployFlagshipOnVultr("test-vultr");
}, 900_000);
afterAll(async () => deployed?.remove());
/** Known to tests when they are declared, before it is there. */
const site = new Proxy({} as FlagshipOnVultr, { get: (_, key) => Reflect.get(deployed, key) });

test("pages come from both hosts, evenly, at the reserved IP; a second `up` has nothing to do", async () => {
    await settled(site);
    const answers = await fetchMany(site.url, 200);
    expect(answers.filter((answer) => !isGood(answer))).toEqual([]);
    const byHost = Map.groupBy(answers, ({ servedBy }) => servedBy);
    expect([...byHost.keys()].sort()).toEqual(["web-0", "web-1"]);
    expect(Math.abs(byHost.get("web-0")!.length - 100)).toBeLessThanOrEqual(4);
    succeeded(await site.stack.up("--expect-no-changes"));
});

test("the address is with one host alone, which has it as its own", async () => {
    const { active, standby } = await settled(site);
    const has = (host: string) => site.on(host, `ip -4 -oneline address show to ${site.address} | wc -l`);
    expect([await has(active), await has(standby)]).toEqual(["1", "0"]);
});

testFailures(site, failuresOnVultr(site));

test("after a failover `up`, and `refresh` and `up`, leave the address where it is", async () => {
    if ((await settled(site)).active === "lb-0") {
        await site.power("lb-0", "halt");
        await expect.poll(() => site.holder()).toBe("lb-1");
        await site.power("lb-0", "start");
    }
    await underLoad(site, async () => {
        succeeded(await site.stack.up("--expect-no-changes"));
        succeeded(await site.stack.refresh());
        succeeded(await site.stack.up("--expect-no-changes"));
    });
    expect((await settled(site)).active).toBe("lb-1");
});

test("2 → 3 → 2 web hosts under load: no request is lost", async () => {
    for (const count of ["3", "2"]) {
        await site.stack.pulumi("config", "set", "webHosts", count);
        await underLoad(site, async () => succeeded(await site.stack.up()));
    }
});

test("destroy leaves nothing behind", async () => {
    await site.stack.pulumi("config", "set", "deletionProtection", "false");
    succeeded(await site.stack.up());
    succeeded(await site.stack.destroy());
    expect(await site.instances()).toEqual([]);
    for (const [path, list] of [
        ["reserved-ips", "reserved_ips"],
        ["vpcs", "vpcs"],
        ["firewalls", "firewall_groups"],
        ["ssh-keys", "ssh_keys"],
    ])
        expect((await site.api("GET", `/v2/${path}`))[list!]).toEqual([]);
});
