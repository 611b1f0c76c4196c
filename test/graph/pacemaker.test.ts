import * as pulumi from "@pulumi/pulumi";
import { afterEach, expect, test } from "vitest";
import { type Failover, LoadBalancerPair, Site } from "../../src/index.ts";
import { ADDRESS, graphOf, renderGraph, reveal } from "../support/graph.ts";

afterEach(async () => pulumi.runtime.disconnect());

function pair(failover: Failover) {
    const site = new Site("shop", { cloud: "digitalocean", region: "fra1" });
    const backends = [{ name: "web-0", privateAddress: "10.0.0.7", connection: {} as never }];
    return new LoadBalancerPair("lb", {
        placement: site.placement,
        http: [{ backends }],
        failoverToken: pulumi.secret("<token>"),
        failover,
    });
}

const ofHost = (failover: Failover) => graphOf(() => pair(failover));

test("the graph of a pair on Pacemaker", async () => {
    const graph = (await ofHost("pacemaker")).filter(({ name }) =>
        /^lb-(0-(install|balancer)|cluster-key)$/.test(name),
    );
    await expect(renderGraph(graph)).toMatchFileSnapshot("pacemaker.golden.txt");
});

test("beside keepalived's it has the cluster's key, which is in no text", async () => {
    const [keepalived, pacemaker] = [await ofHost("keepalived"), await ofHost("pacemaker")];
    const names = keepalived.map(({ name }) => name);
    expect(pacemaker.map(({ name }) => name).filter((name) => !names.includes(name))).toEqual([
        "lb-cluster-key",
    ]);
    for (const { type, name, inputs } of pacemaker.filter(({ type }) => type === "command:remote:Command")) {
        const { create } = reveal(inputs) as { create: string };
        expect(create, `${type} ${name}`).not.toMatch(/<password|<token>/);
        expect(create, name).not.toMatch(ADDRESS);
    }
});

test("the texts are known before any address is, and are the same on all hosts but for names and numbers", async () => {
    const graph = await graphOf(() => pair("pacemaker"), { preview: true });
    const [first, second] = ["lb-0-balancer", "lb-1-balancer"].map((name) =>
        (graph.find((each) => each.name === name)!.inputs.create as string).split("\n"),
    ) as [string[], string[]];
    const own = first.filter((line) => !second.includes(line)).map((line) => line.trim().split(" ")[0]);
    expect(own).toEqual(["role", "ip", "localpeer", "state", "RING_ADDRESS={{address"]);
});
