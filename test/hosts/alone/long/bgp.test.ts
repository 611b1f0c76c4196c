import { afterAll, beforeAll, expect, test } from "vitest";
import { within } from "../../../../tools/waiting.ts";
import { testFailures } from "../../../faults/balancerFailures.ts";
import { testLeaving } from "../../../faults/leaving.ts";
import { settled } from "../../../faults/pair.ts";
import { failuresOfAnnouncing } from "../../../faults/vultrFailures.ts";
import { succeeded } from "../../../support/flagship.ts";
import { deployFlagshipOnVultr, type FlagshipOnVultr } from "../../../support/flagshipOnVultr.ts";
import { underLoad } from "../../../support/underLoad.ts";

const BALANCERS = ["lb-0", "lb-1"];

let deployed: FlagshipOnVultr;
beforeAll(async () => {
    deployed = await deployFlagshipOnVultr("test-bgp", true);
}, 900_000);
afterAll(async () => deployed?.remove());
/** Known to tests when they are declared, before it is there. */
const site = new Proxy({} as FlagshipOnVultr, { get: (_, key) => Reflect.get(deployed, key) });

const status = async () => (await site.stack.execute("npx", "evenkeel", "status")).output;

test("pages come at the reserved IP, which is attached to nobody; no host has a key of the cloud", async () => {
    const { active } = await settled(site);
    expect(await site.holder()).toBe(active);
    const { reserved_ips } = (await site.api("GET", "/v2/reserved-ips")) as { reserved_ips: object[] };
    expect(reserved_ips).toMatchObject([{ subnet: site.address, instance_id: "" }]);
    for (const host of BALANCERS) {
        const key = site.cloud.vultrKey;
        expect(await site.on(host, `grep -rlF ${key} /etc /var/lib /usr/local /run/evenkeel* || true`)).toBe(
            "",
        );
        expect(await site.on(host, "stat -c '%a %U:%G' /etc/bird/evenkeel-password.conf")).toBe(
            "640 root:bird",
        );
    }
    await underLoad(site, async () => succeeded(await site.stack.up("--expect-no-changes")));
});

test("the status tells whom the router listens to, and who has the address", async () => {
    const { active, standby } = await settled(site);
    const told = await status();
    expect(told).toContain("169.254.169.254 listens");
    expect(told).toContain(`${site.address} is on this host`);
    await site.on(standby, "systemctl stop bird");
    expect(await status()).toContain("no BGP session with 169.254.169.254: BIRD does not run");
    await site.on(standby, "systemctl start bird");
    expect((await settled(site)).active).toBe(active);
});

testFailures(site, failuresOfAnnouncing(site));

testLeaving(site);

test("both hosts lose their power, and one is back: it has the address", async () => {
    await settled(site);
    await Promise.all(BALANCERS.map((host) => site.power(host, "halt")));
    await site.power("lb-1", "start");
    await within(60, "lb-1 to have the address", async () => (await site.holder()) === "lb-1");
    await within(20, "the page", async () =>
        fetch(site.url, { signal: AbortSignal.timeout(2000) }).then(
            ({ ok }) => ok,
            () => false,
        ),
    );
    await site.power("lb-0", "start");
    expect((await settled(site)).active).toBe("lb-1");
});

test("a password that the router does not take ends the first host's role, and all goes on as before", async () => {
    await site.stack.pulumi("config", "set", "--secret", "bgpPassword", "another-password");
    await underLoad(site, async () => {
        const { exitCode, output } = await site.stack.up();
        expect(exitCode).not.toBe(0);
        expect(output).toContain("no BGP session with 169.254.169.254");
    });
    await site.stack.pulumi("config", "set", "--secret", "bgpPassword", site.cloud.bgpPassword);
    await underLoad(site, async () => succeeded(await site.stack.up()));
    await settled(site);
});

test("to a pair that the API moves, and back", async () => {
    const undo = site.edit(/bgp: \{.*\}/, 'failoverToken: config.requireSecret("failoverToken")');
    await underLoad(site, async () => succeeded(await site.stack.up()));
    const attached = async () => {
        const { reserved_ips } = (await site.api("GET", "/v2/reserved-ips")) as {
            reserved_ips: { instance_id: string }[];
        };
        return reserved_ips[0]!;
    };
    expect((await attached()).instance_id).not.toBe("");
    for (const host of BALANCERS) {
        expect(
            await site.on(
                host,
                "ls /run/evenkeel-bgp/*.conf /etc/bird/evenkeel-password.conf 2>/dev/null || true",
            ),
        ).toBe("");
        expect(await site.on(host, "systemctl is-active bird || true")).not.toBe("active");
    }
    // Whatever is announced, it goes to whom it is attached to: with both, who announces it detaches it.
    undo();
    const only = site.edit(/bgp: \{/, 'failoverToken: config.requireSecret("failoverToken"), bgp: {');
    await underLoad(site, async () => succeeded(await site.stack.up()));
    expect((await attached()).instance_id).toBe("");
    await settled(site);
    only();
    await underLoad(site, async () => succeeded(await site.stack.up()));
    await settled(site);
    for (const host of BALANCERS) {
        const left = "ls /etc/evenkeel/balancers/*/failover.* 2>/dev/null";
        expect(
            await site.on(
                host,
                `${left}; systemctl list-units --all 'evenkeel-failover@*' --no-legend; ip -4 -oneline address show to ${site.address} | grep -v ' lo ' || true`,
            ),
        ).toBe("");
    }
});

test("destroy leaves nothing behind", async () => {
    await site.stack.pulumi("config", "set", "deletionProtection", "false");
    succeeded(await site.stack.up());
    succeeded(await site.stack.destroy());
    expect((await site.api("GET", "/v2/reserved-ips")).reserved_ips).toEqual([]);
});
