import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sizes as dropletSizes } from "../../../local/digitalocean/catalog.ts";
import { findPlan } from "../../../local/vultr/catalog.ts";
import { CloudName } from "../../../src/clouds/cloud.ts";
import { cloudOf } from "../../../src/clouds/cloudOf.ts";
import { estimateOf, type Holdings } from "../../../src/estimate/estimate.ts";
import { measured } from "../../../src/estimate/measured.ts";
import { checkout } from "../../../tools/paths.ts";

const web = { component: "web", kind: "WebPool" } as const;
const lb = { component: "lb", kind: "LoadBalancerPair" } as const;
const nothing: Holdings = { hosts: [], addresses: [], others: [] };

describe.each(Object.values(CloudName))("the price table of %s", (cloud) => {
    const { defaults, slugs, prices } = cloudOf(cloud);

    test("has a day, the cloud's own pages, the size that hosts have by default, and the cloud's slugs alone", () => {
        expect(prices.date).toMatch(/^20\d\d-\d\d-\d\d$/);
        expect(new Date(prices.date).getTime()).toBeLessThan(Date.now());
        for (const source of prices.sources) expect(new URL(source).hostname).toContain(`${cloud}.com`);
        expect(Object.keys(prices.sizes)).toContain(defaults.size);
        for (const slug of Object.keys(prices.sizes)) expect(slug).toMatch(slugs.size);
    });

    test("asks more for more: a larger size costs more, and sends no less", () => {
        const all = Object.values(prices.sizes);
        for (const [i, { monthly, transfer }] of all.entries()) {
            expect(monthly).toBeGreaterThan(all[i - 1]?.monthly ?? 0);
            expect(transfer).toBeGreaterThanOrEqual(all[i - 1]?.transfer ?? 0.5);
        }
    });
});

test("the local cloud's APIs say the same of each size", () => {
    const droplets = Object.fromEntries(
        dropletSizes.map(({ slug, price_monthly, transfer }) => [slug, { monthly: price_monthly, transfer }]),
    );
    expect(droplets).toMatchObject(cloudOf("digitalocean").prices.sizes);
    for (const [slug, { monthly, transfer }] of Object.entries(cloudOf("vultr").prices.sizes))
        expect(findPlan(slug)).toMatchObject({ monthly_cost: monthly, bandwidth: 1024 * transfer });
});

describe("an estimate", () => {
    const host = (name: string, size: string, more = {}) => ({
        ...{ ...web, cloud: CloudName.DigitalOcean, name, size },
        ...more,
    });

    test("sums hosts by component and size, with what they may send; an address after its component's hosts", () => {
        const onCloud = { cloud: CloudName.DigitalOcean };
        const { rows, monthly, unpriced, clouds } = estimateOf({
            hosts: [
                host("web-0", "s-1vcpu-512mb-10gb"),
                host("web-1", "s-2vcpu-4gb"),
                host("web-2", "s-1vcpu-512mb-10gb"),
                host("lb-0", "s-1vcpu-1gb", lb),
            ],
            addresses: [{ ...lb, ...onCloud }],
            others: [],
        });
        expect(rows).toEqual([
            { ...lb, ...onCloud, hosts: ["lb-0"], size: "s-1vcpu-1gb", monthly: 6, transfer: 1 },
            { ...lb, ...onCloud, hosts: [], size: "reserved IP", monthly: 0 },
            {
                ...{ ...web, ...onCloud, hosts: ["web-0", "web-2"], size: "s-1vcpu-512mb-10gb" },
                ...{ monthly: 8, transfer: 1 },
            },
            { ...web, ...onCloud, hosts: ["web-1"], size: "s-2vcpu-4gb", monthly: 24, transfer: 4 },
        ]);
        expect(monthly).toBe(38);
        expect(unpriced).toEqual([]);
        expect(clouds).toMatchObject([{ cloud: "digitalocean", monthly: 38, transfer: 6 }]);
    });

    test("of two clouds tells each one's part; an address that costs nothing on one costs something on the other", () => {
        const there = { cloud: CloudName.Vultr };
        const { monthly, clouds } = estimateOf({
            hosts: [host("web-0", "s-1vcpu-1gb"), host("far-0", "vc2-2c-4gb", there)],
            addresses: [
                { ...lb, cloud: CloudName.DigitalOcean },
                { ...lb, ...there },
            ],
            others: [],
        });
        expect(monthly).toBe(29);
        expect(clouds.map((each) => [each.cloud, each.monthly, each.transfer])).toEqual([
            ["digitalocean", 6, 1],
            ["vultr", 23, 3],
        ]);
    });

    test.each(["c-48", "vc2-1c-1gb", "toString"])("guesses nothing of a size without a price, %s", (size) => {
        const { rows, monthly, unpriced } = estimateOf({
            ...nothing,
            hosts: [host("web-0", "s-1vcpu-1gb"), host("web-1", size), host("web-2", size)],
        });
        const { date } = cloudOf("digitalocean").prices;
        expect(rows[1]).toEqual({
            ...{ ...web, cloud: "digitalocean", hosts: ["web-1", "web-2"], size },
            unpriced: `not in the price table of ${date}`,
        });
        expect(monthly).toBe(6);
        expect(unpriced).toEqual([`${size}: not in the price table of ${date}`]);
    });

    test("counts hosts that are not the stack's, at no price", () => {
        const { rows, monthly, unpriced, clouds } = estimateOf({ ...nothing, others: ["alpha", "beta"] });
        expect(rows).toEqual([{ hosts: ["alpha", "beta"], unpriced: "yours" }]);
        expect({ monthly, unpriced, clouds }).toEqual({ monthly: 0, unpriced: [], clouds: [] });
    });

    test("of nothing is nothing", () => {
        expect(estimateOf(nothing)).toMatchObject({ monthly: 0, rows: [], clouds: [] });
    });
});

test("what was measured is what docs/benchmarks.md says", () => {
    const [, serving = ""] = readFileSync(join(checkout, measured.source), "utf8").split("## Serving\n");
    const [, date] = /on (20\d\d-\d\d-\d\d):/.exec(serving) ?? [];
    const [, balancer] = /^\| https \| (\d+) \//m.exec(serving) ?? [];
    const [, percent] = /the first web host answered \d+: \*\*([\d.]+) %\*\*/.exec(serving) ?? [];
    expect(measured).toMatchObject({
        date,
        balancer: Number(balancer),
        webHost: (Number(balancer) * Number(percent)) / 100,
    });
});
