import * as pulumi from "@pulumi/pulumi";
import { afterEach, describe, expect, test, vi } from "vitest";
import { deployedHoldings } from "../../src/cli/estimate/deployed.ts";
import { estimateOf } from "../../src/estimate/estimate.ts";
import {
    CloudName,
    type Estimate,
    estimate,
    GaleraCluster,
    LoadBalancerPair,
    Site,
    WebPool,
} from "../../src/index.ts";
import { type GraphResource, graphOf } from "../support/graph.ts";
import { host } from "../support/refusals.ts";

afterEach(async () => pulumi.runtime.disconnect());

const REGIONS: Record<CloudName, string> = { digitalocean: "fra1", vultr: "fra" };

interface Wanted {
    hostCount?: number;
    size?: string;
    preview?: boolean;
}

/** A site of all kinds of hosts, what it is told to cost at the program's end, and its graph. */
async function costOf(cloud: CloudName, { hostCount = 2, size, preview = false }: Wanted = {}) {
    let told: Estimate | undefined;
    const graph = await graphOf(
        () => {
            const { placement } = new Site("shop", { cloud, region: REGIONS[cloud] });
            const web = new WebPool("web", { placement, hostCount, ...(size ? { size } : {}) });
            new LoadBalancerPair("lb", {
                placement,
                http: [{ backends: web.hosts }],
                // A host that is only named.
                tcp: [{ port: 25, backends: [host("beta")] }],
                failoverToken: pulumi.secret("<token>"),
            });
            new GaleraCluster("db", {
                hosts: [...web.hosts.slice(0, 2), host("alpha")],
                deletionProtection: false,
            });
            told = estimate();
        },
        { preview },
    );
    return { told: told!, graph };
}

/** As the engine would keep it. */
function stateOf(graph: GraphResource[]) {
    const kinds = new Map(
        graph.flatMap(({ name, type }) => (type.startsWith("evenkeel:index:") ? [[name, type]] : [])),
    );
    const resources = graph.map(({ type, name, parent, inputs }) => ({
        urn: `urn:pulumi:stack::project::${type}::${name}`,
        parent: `urn:pulumi:stack::project::${kinds.get(parent)}::${parent}`,
        type,
        inputs,
    }));
    return { deployment: { resources } };
}

describe.each(Object.values(CloudName))("on %s", (cloud) => {
    test("the program is told what the command line tells once it is deployed", async () => {
        const { told, graph } = await costOf(cloud, { hostCount: 3 });
        expect(told.rows.map(({ component, hosts, size }) => [component, hosts.length, size])).toEqual([
            ["lb", 2, expect.any(String)],
            ["lb", 0, "reserved IP"],
            ["web", 3, expect.any(String)],
            [undefined, 1, undefined],
        ]);
        expect(told.rows.at(-1)).toEqual({ hosts: ["alpha"], unpriced: "yours" });
        expect(told).toEqual(estimateOf(deployedHoldings(stateOf(graph))));
    });

    test("a preview knows as much, and what one host more costs", async () => {
        const [two, three] = [await costOf(cloud, { preview: true }), await costOf(cloud, { hostCount: 3 })];
        const one = { digitalocean: 6, vultr: 5 }[cloud];
        expect(three.told.monthly - two.told.monthly).toBe(one);
        expect(two.told).toEqual((await costOf(cloud)).told);
    });
});

test("another size is another sum, and what has no price is a warning", async () => {
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    const { told } = await costOf("digitalocean", { size: "s-2vcpu-4gb" });
    expect(told.monthly).toBe(2 * 24 + 2 * 6);
    expect(warn).not.toHaveBeenCalled();
    const odd = (await costOf("digitalocean", { size: "c-48" })).told;
    expect(odd.monthly).toBe(2 * 6);
    expect(odd.unpriced).toEqual([expect.stringMatching(/^c-48: not in the price table of /)]);
    expect(warn.mock.calls.join()).toContain(`the estimate lacks ${odd.unpriced[0]}`);
});

test("a run knows nothing of the one before it", async () => {
    await costOf("vultr");
    let told: Estimate | undefined;
    await graphOf(() => {
        told = estimate();
    });
    expect(told).toMatchObject({ monthly: 0, rows: [] });
});
