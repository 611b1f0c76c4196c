import * as pulumi from "@pulumi/pulumi";
import { afterEach, expect, test } from "vitest";
import { type Acme, DnsProvider, LoadBalancerPair } from "../../src/index.ts";
import { type GraphResource, graphOf, renderGraph } from "../support/graph.ts";
import { host, peer } from "../support/refusals.ts";

afterEach(async () => pulumi.runtime.disconnect());

const acme: Acme = {
    certificates: [{ names: ["www.shop.example", "shop.example"] }],
    email: "admin@shop.example",
};

function pair(change: Partial<Acme> = {}, { plain = false, redirect = true } = {}) {
    const backends = [peer("web-0")] as never;
    return new LoadBalancerPair("lb", {
        hosts: [host("edge-0"), host("edge-1")],
        virtualAddress: "10.0.0.250/24",
        http: [
            { port: 443, backends, tls: { acme: { ...acme, ...change }, redirect } },
            ...(plain ? [{ backends }] : []),
        ],
    });
}

const ofRole = (graph: GraphResource[]) => graph.find(({ name }) => name === "lb-edge-0-balancer")!;
const textOf = (graph: GraphResource[]) => String(ofRole(graph).inputs.create);

test("a pair with certificates by ACME: one account and one key for both hosts", async () => {
    const graph = await graphOf(() => pair());
    expect(graph.filter(({ type }) => type.startsWith("tls:")).map(({ name }) => name)).toEqual([
        "lb-acme-account",
        "lb-acme-www.shop.example",
    ]);
    const own = graph.filter(({ name }) => /acme|edge-0-balancer/.test(name));
    await expect(renderGraph(own)).toMatchFileSnapshot("acme.golden.txt");
});

test("its text is known before the account's key is, and holds no key", async () => {
    const preview = textOf(await graphOf(() => pair(), { preview: true }));
    expect(preview).toBe(textOf(await graphOf(() => pair())));
    expect(preview).not.toContain("PRIVATE");
});

test("what is secret reaches hosts as secrets alone, and the component's record not at all", async () => {
    const dns = { provider: "digitalocean" as const, token: "dns-token" };
    const graph = await graphOf(() =>
        pair({ challenge: "dns-01", dns, caCertificate: "-----BEGIN CERTIFICATE-----" }),
    );
    expect(pulumi.runtime.isRpcSecret(ofRole(graph).inputs.stdin)).toBe(true);
    expect(JSON.stringify(graph.find(({ name }) => name === "lb"))).not.toContain("dns-token");
    expect(textOf(graph)).not.toContain("dns-token");
});

test("port 80 answers the authority, and sends visitors on unless it is a listener's own", async () => {
    const alone = textOf(await graphOf(() => pair()));
    expect(alone).toContain("frontend lb-http-80 from http\n    bind 10.0.0.250:80 transparent\n");
    expect(alone).toContain("tcp dport 80 accept");
    const shared = textOf(await graphOf(() => pair({}, { plain: true })));
    expect(shared).not.toContain("redirect location");
    const asked = textOf(await graphOf(() => pair({}, { redirect: false })));
    expect(asked).toContain("    http-request return status 404\n");
    const plain = shared.slice(shared.indexOf("frontend lb-http-80"), shared.indexOf("backend lb-http-80"));
    expect(plain).toContain("{{value acme-thumbprint}}");
    expect(plain.indexOf("acme-challenge")).toBeLessThan(plain.indexOf("X-Forwarded-For"));
});

test("DNS-01 asks nobody to come to port 80", async () => {
    const dns = { provider: "vultr" as const, token: "t" };
    const text = textOf(await graphOf(() => pair({ challenge: "dns-01", dns }, { redirect: false })));
    expect(text).not.toContain("dport 80");
    expect(text).not.toContain("lb-http-80");
    expect(text).toContain('"api": "https://api.vultr.com"');
});

test("hosts have what is one DNS' own, and nothing of another's", async () => {
    const programs = async (change: Partial<Acme>) => {
        const graph = await graphOf(() => pair(change));
        const install = graph.find(({ name }) => name === "lb-edge-0-install")!;
        const placed = /(?<=^place 644 \w+ )acme_zones\w*\.py$/gm;
        return String(install.inputs.create).match(placed);
    };
    expect(await programs({})).toEqual(["acme_zones.py"]);
    for (const provider of Object.values(DnsProvider))
        expect(await programs({ challenge: "dns-01", dns: { provider, token: "t" } })).toEqual([
            "acme_zones.py",
            `acme_zones_${provider}.py`,
        ]);
});
