import * as pulumi from "@pulumi/pulumi";
import { afterEach, describe, expect, test } from "vitest";
import { type CloudName, LoadBalancerPair, Site, WebPool } from "../../src/index.ts";
import { type GraphResource, graphOf, renderGraph } from "../support/graph.ts";

afterEach(async () => pulumi.runtime.disconnect());

const REGIONS: Record<CloudName, string> = { digitalocean: "fra1", vultr: "fra" };

function flagship(cloud: CloudName) {
    const site = new Site("shop", { cloud, region: REGIONS[cloud], ipRange: "10.20.0.0/20" });
    const web = new WebPool("web", {
        placement: site.placement,
        files: { "index.html": "<h1>Hello</h1>\n" },
    });
    new LoadBalancerPair("lb", {
        placement: site.placement,
        http: [{ backends: web.hosts, pinned: [{ path: "/wp-admin", to: web.hosts[0]! }] }],
        failoverToken: pulumi.secret("<token>"),
    });
}

test("the flagship's graph on Vultr", async () => {
    const graph = await graphOf(() => flagship("vultr"));
    await expect(renderGraph(graph)).toMatchFileSnapshot("flagshipOnVultr.golden.txt");
});

/** What each cloud calls the same, but for firewalls, which differ in shape. */
const KINDS: Record<string, string> = {
    "digitalocean:index/droplet:Droplet": "host",
    "vultr:index/instance:Instance": "host",
    "digitalocean:index/vpc:Vpc": "network",
    "vultr:index/vpc:Vpc": "network",
    "digitalocean:index/sshKey:SshKey": "key",
    "vultr:index/sSHKey:SSHKey": "key",
    "digitalocean:index/reservedIp:ReservedIp": "address",
    "vultr:index/reservedIp:ReservedIp": "address",
};
const isFirewall = ({ type }: GraphResource) => /:index\/(tag|firewall\w*):/.test(type);

test("the flagship's graphs differ in the providers' types, and in what moves an address, alone", async () => {
    const graphs = {
        digitalocean: await graphOf(() => flagship("digitalocean")),
        vultr: await graphOf(() => flagship("vultr")),
    };
    /** A site's first resource is a tag on one cloud, and its firewall on the other. */
    const outline = (graph: GraphResource[]) =>
        graph
            .filter((each) => !isFirewall(each))
            .map(({ type, name, parent, dependencies }) => ({
                name,
                type: KINDS[type] ?? type,
                parent,
                after: dependencies.filter((each) => !/^shop-(tag|firewall)$/.test(each)),
            }))
            .toSorted((a, b) => `${a.name} ${a.type}`.localeCompare(`${b.name} ${b.type}`));
    expect(outline(graphs.vultr)).toEqual(outline(graphs.digitalocean));
    expect(graphs.vultr.filter(isFirewall).map(({ name }) => name)).toContain("shop-firewall");

    const lines = (cloud: CloudName) =>
        graphs[cloud]
            .filter(({ type }) => !type.startsWith(`${cloud}:`))
            .flatMap((each) => renderGraph([{ ...each, dependencies: [] }]).split("\n"))
            .map((line) => line.replace(/^ *\|? */, ""))
            .filter((line) => !/^(stdin|value|place|programs)\b/.test(line));
    const own = (cloud: CloudName, other: CloudName) => [
        ...new Set(lines(cloud).filter((line) => !lines(other).includes(line))),
    ];
    expect(own("digitalocean", "vultr")).toEqual([
        "ip daddr {{anchor}} tcp dport { 80 } accept",
        "ip daddr {{anchor}} drop",
        "bind {{anchor}}:80",
        "CLOUD=digitalocean",
        "API_URL=https://api.digitalocean.com",
        "DROPLET_ID={{value host}}",
        "CapabilityBoundingSet=",
        "ip daddr {{anchor}} tcp dport @hushed tcp flags & (syn | ack) == syn drop",
        "cloud: digitalocean",
        "region: fra1",
    ]);
    expect(own("vultr", "digitalocean")).toEqual([
        "ip daddr {{value address}} tcp dport { 80 } accept",
        "ip daddr {{value address}} drop",
        "bind {{value address}}:80 transparent",
        "CLOUD=vultr",
        "API_URL=https://api.vultr.com",
        "INSTANCE_ID={{value host}}",
        "RESERVED_IP_ID={{value reserved-ip}}",
        "CapabilityBoundingSet=CAP_NET_ADMIN",
        "leave bash -c 'systemctl stop evenkeel-failover@lb.timer; /usr/local/lib/evenkeel/failover leave /etc/evenkeel/balancers/lb/failover.conf'",
        "ip daddr {{value address}} tcp dport @hushed tcp flags & (syn | ack) == syn drop",
        "cloud: vultr",
        "region: fra",
    ]);
    const programs = (cloud: CloudName) => {
        const install = graphs[cloud].find(({ name }) => name === "lb-0-install")!;
        return /^programs (.*)$/m.exec(String(install.inputs.create))![1]!.split(" ");
    };
    const others = (cloud: CloudName, other: CloudName) =>
        programs(cloud).filter((each) => !programs(other).includes(each));
    expect(others("digitalocean", "vultr")).toEqual(["failover_digitalocean.bash", "anchor"]);
    expect(others("vultr", "digitalocean")).toEqual(["failover_vultr.bash"]);
});

describe("on Vultr", () => {
    const onVultr = { cloud: "vultr", region: "fra" } as const;
    const failoverToken = pulumi.secret("<token>");
    const rules = (graph: GraphResource[]) =>
        graph
            .filter(({ type }) => type === "vultr:index/firewallRule:FirewallRule")
            .map(({ name, parent }) => `${parent}: ${name}`)
            .filter((line) => /tcp-(80|443)-anywhere$/.test(line));

    test("pairs of one site that open the same port have one rule, which goes with the last of them", async () => {
        const program = (pairs: string[]) => () => {
            const { placement } = new Site("shop", onVultr);
            const web = new WebPool("web", { placement });
            pairs.forEach((name, i) => {
                const http = [{ backends: web.hosts }];
                new LoadBalancerPair(name, { placement, http, failoverToken, virtualRouterId: 51 + i });
            });
        };
        const both = await graphOf(program(["a", "b"]));
        expect(rules(both)).toEqual(["a: shop-firewall-tcp-80-anywhere"]);
        // The same name below the same kind of parent: to the engine the same resource.
        expect(rules(await graphOf(program(["b"])))).toEqual(["b: shop-firewall-tcp-80-anywhere"]);
    });

    test("sites have a firewall each, with rules of its own", async () => {
        const graph = await graphOf(() => {
            for (const name of ["one", "two"]) {
                const { placement } = new Site(name, onVultr);
                const web = new WebPool(`web-${name}`, { placement });
                new LoadBalancerPair(`lb-${name}`, {
                    hosts: web.hosts,
                    http: [{ backends: web.hosts }],
                    failoverToken,
                });
            }
        });
        expect(rules(graph)).toEqual([
            "lb-one: one-firewall-tcp-80-anywhere",
            "lb-two: two-firewall-tcp-80-anywhere",
        ]);
    });

    test("SSH from some networks alone, each by its name, and a range that the cloud chooses", async () => {
        const graph = await graphOf(
            () => new Site("shop", { ...onVultr, sshFrom: ["192.0.2.7", "2001:db8::/48"] }),
        );
        const named = (name: string) => graph.find((each) => each.name === name)!.inputs;
        expect(named("shop-firewall-tcp-22-192.0.2.7")).toMatchObject({
            ...{ ipType: "v4", subnet: "192.0.2.7", subnetSize: 32 },
        });
        expect(named("shop-firewall-tcp-22-2001-db8---48")).toMatchObject({
            ...{ ipType: "v6", subnet: "2001:db8::", subnetSize: 48 },
        });
        expect(named("shop-network")).toEqual({ region: "fra", description: "shop-network" });
        expect(named("shop-firewall-udp-1-65535-network")).toMatchObject({ subnetSize: 20 });
    });

    test("in a preview nothing is missing, though no range, address or id is known", async () => {
        const preview = await graphOf(() => flagship("vultr"), { preview: true });
        const names = (graph: GraphResource[]) => graph.map(({ type, name }) => `${type} ${name}`);
        expect(names(preview)).toEqual(names(await graphOf(() => flagship("vultr"))));
    });

    test("a host's birth text, key, image and the holder of an address replace or move nothing", async () => {
        const graph = await graphOf(() => flagship("vultr"));
        const ignored = (type: string) => graph.find((each) => each.type === type)!.ignoreChanges;
        expect(ignored("vultr:index/instance:Instance")).toEqual(["userData", "sshKeyIds", "osId"]);
        expect(ignored("vultr:index/reservedIp:ReservedIp")).toEqual(["instanceId"]);
    });
});

test.each([
    ["10.20.0.0/20", "10.20.0.0/20"],
    ["10.20.0.0/16", "10.20.4.0/24"],
    ["10.20.4.0/24", "10.20.0.0/16"],
])(
    "two sites with addresses in common, %s and %s, are one error before anything of the second is made",
    async (one, other) => {
        const sites = (second: string) => () => {
            new Site("shop", { cloud: "digitalocean", region: "fra1", ipRange: one });
            new Site("spare", { cloud: "vultr", region: "fra", ipRange: second });
        };
        await expect(graphOf(sites(other))).rejects.toMatchObject({
            errors: [
                {
                    propertyPath: "ipRange",
                    reason: `"${other}" and "${one}" of Site "shop" have addresses in common: give each site its own`,
                },
            ],
        });
        expect((await graphOf(sites("10.21.0.0/16"))).some(({ name }) => name === "spare-network")).toBe(
            true,
        );
    },
);
