import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, expect, test } from "vitest";
import { FileSync, LoadBalancerPair, Site, WebPool } from "../../src/index.ts";
import { ADDRESS, type GraphResource, graphOf, renderGraph, reveal } from "../support/graph.ts";

afterEach(async () => pulumi.runtime.disconnect());

function flagship({ webHosts = 2, greeting = "Hello" } = {}) {
    const site = new Site("shop", { cloud: "digitalocean", region: "fra1" });
    const web = new WebPool("web", {
        placement: site.placement,
        hostCount: webHosts,
        files: { "index.html": `<h1>${greeting}</h1>\n` },
    });
    return new LoadBalancerPair("lb", {
        placement: site.placement,
        http: [{ backends: web.hosts, pinned: [{ path: "/wp-admin", to: web.hosts[0]! }] }],
        failoverToken: pulumi.secret("<token>"),
    });
}

test("the flagship's graph", async () => {
    const graph = await graphOf(() => flagship());
    await expect(renderGraph(graph)).toMatchFileSnapshot("flagship.golden.txt");
});

test("the flagship's graph in preview: the texts are known before any address is", async () => {
    const graph = await graphOf(() => flagship(), { preview: true });
    const texts = graph
        .filter(({ type }) => type === "command:remote:Command")
        .map(({ inputs }) => inputs.create);
    expect(texts).toHaveLength(18);
    for (const text of texts) expect(text).toMatch(/^(#|\. |\/usr\/local\/lib\/evenkeel\/content )/);
});

test("a third web host leaves the first two alone and is added to the balancers' text", async () => {
    const [two, three] = [await graphOf(() => flagship()), await graphOf(() => flagship({ webHosts: 3 }))];
    const differ = (render: (each: GraphResource) => string) => {
        const before = new Map(two.map((each) => [`${each.type} ${each.name}`, render(each)]));
        return three
            .filter((each) => before.get(`${each.type} ${each.name}`) !== render(each))
            .map(({ name }) => name);
    };
    const changed = differ((each) => renderGraph([{ ...each, dependencies: [] }]));
    expect(changed).toEqual([
        "lb",
        "lb-0-balancer",
        "lb-1-balancer",
        "web",
        "web-2",
        "web-2-baseline",
        "web-2-content",
        "web-2-host-key",
        "web-2-install",
        "web-2-publish",
        "web-2-tidy",
        "web-2-web",
    ]);
    // A change of the files, should there be one, comes to the third host first.
    const later = differ((each) => renderGraph([each])).filter((name) => !changed.includes(name));
    expect(later).toEqual(["web-0-publish", "web-0-tidy", "web-1-publish", "web-1-tidy"]);
});

test("no command text and no component input holds a secret or an address", async () => {
    for (const { type, name, inputs } of await graphOf(() => flagship())) {
        const open = JSON.stringify({ ...(reveal(inputs) as object), connection: undefined }, (key, value) =>
            value?.secret !== undefined || key === "userData" ? "[secret]" : value,
        );
        expect(open, `${type} ${name}`).not.toMatch(/<private|<token>/);
        if (inputs.create) expect(inputs.create, name).not.toMatch(ADDRESS);
    }
});

test("roles roll: each host waits for the one before it, and the balancers wait for the whole pool", async () => {
    const graph = await graphOf(() => flagship());
    const after = (name: string) => graph.find((each) => each.name === name)!.dependencies;
    expect(after("web-1-web")).toContain("web-0-web");
    expect(after("lb-1-balancer")).toContain("lb-0-balancer");
    expect(after("lb-0-balancer")).toEqual(expect.arrayContaining(["web-0-web", "web-1-web"]));
    expect(after("web-1-install")).not.toContain("web-0-install");
});

test("balancers on the web hosts: nothing is created but the address and its firewall", async () => {
    const graph = await graphOf(() => {
        const site = new Site("shop", { cloud: "digitalocean", region: "fra1" });
        const web = new WebPool("web", { placement: site.placement, hostCount: 2 });
        new LoadBalancerPair("lb", {
            hosts: web.hosts,
            http: [{ backends: web.hosts }],
            failoverToken: pulumi.secret("<token>"),
        });
    });
    expect(graph.filter(({ parent }) => parent === "lb").map(({ name }) => name)).toEqual([
        "lb-address",
        "lb-firewall",
        "lb-web-0-balancer",
        "lb-web-0-install",
        "lb-web-1-balancer",
        "lb-web-1-install",
    ]);
});

test("PHP has as many workers as each host's memory has room for, and its hosts say how many", async () => {
    const given: Record<string, (number | undefined)[]> = {};
    const graph = await graphOf(() => {
        const site = new Site("shop", { cloud: "digitalocean", region: "fra1" });
        const place = { placement: site.placement, hostCount: 1 };
        const one = new WebPool("one", { ...place, php: true });
        const four = new WebPool("four", { ...place, size: "s-2vcpu-4gb", php: true, phpMemoryLimit: 256 });
        const plain = new WebPool("plain", { ...place, size: "s-1vcpu-2gb" });
        // On hosts of others: the first one's are of no program's making.
        const hosts = [{ ...one.hosts[0]!, name: "mine" }, ...four.hosts, ...plain.hosts];
        const second = new WebPool("second", { hosts, port: 8080, documentRoot: "/srv/second", php: true });
        const third = new WebPool("third", { hosts: four.hosts, port: 8081, documentRoot: "/srv/third" });
        const sync = new FileSync("uploads", { mode: "twoWay", hosts: second.hosts, path: "/srv/uploads" });
        for (const [name, { hosts }] of Object.entries({ one, four, plain, second, third, sync }))
            given[name] = hosts.map(({ workers }) => workers);
    });
    expect(given).toEqual({
        one: [8],
        four: [16],
        plain: [undefined],
        second: [8, 32, 16],
        third: [undefined],
        sync: [8, 32, 16],
    });
    const text = (name: string) => String(graph.find((each) => each.name === name)!.inputs.create);
    expect(text("four-0-web")).toMatch(
        /^pm\.max_children = 16$[\s\S]*^php_admin_value\[memory_limit\] = 256M$/m,
    );
    expect(text("second-plain-0-web")).toMatch(
        /^pm\.max_children = 16$[\s\S]*^php_admin_value\[memory_limit\] = 128M$/m,
    );
    // One text for all pools of a host, whose OPcache is one: its memory is filled in there.
    const opcache = /^common template \S+fpm\/conf\.d\S+ <<'EOF'\n[\s\S]*?^EOF$/m;
    expect(text("four-0-web").match(opcache)![0]).toContain("opcache.memory_consumption = {{memory 8}}");
    expect(text("second-four-0-web").match(opcache)![0]).toBe(text("four-0-web").match(opcache)![0]);
    expect(text("third-four-0-web")).not.toMatch(opcache);
});

test("a folder of the project is told by its place there, so that another checkout is no change", async () => {
    const folder = join(process.cwd(), "examples/flagship/pages");
    const graph = await graphOf(() => {
        const site = new Site("shop", { cloud: "digitalocean", region: "fra1" });
        new WebPool("web", { placement: site.placement, hostCount: 1, folder });
    });
    const web = graph.find(({ type }) => type === "evenkeel:index:WebPool")!;
    expect(web.inputs.folder).toBe("examples/flagship/pages");
});

test("a pair with nginx: its own daemon, and who asks its backends how they are", async () => {
    const graph = await graphOf(() => {
        const site = new Site("shop", { cloud: "digitalocean", region: "fra1" });
        const web = new WebPool("web", { placement: site.placement, hostCount: 2 });
        new LoadBalancerPair("lb", {
            engine: "nginx",
            placement: site.placement,
            http: [{ backends: web.hosts, pinned: [{ path: "/wp-admin", to: web.hosts[0]! }] }],
            tcp: [{ port: 25, backends: web.hosts, backendPort: 80, healthPath: "/healthz" }],
            failoverToken: pulumi.secret("<token>"),
        });
    });
    const balancer = graph.filter(({ name }) => name === "lb-0-balancer");
    await expect(renderGraph(balancer)).toMatchFileSnapshot("nginx.golden.txt");
    // A host more is told to nginx, and to who asks.
    const text = String(balancer[0]!.inputs.create);
    const places = [
        "/nginx.conf",
        "service evenkeel-nginx@lb",
        "/backends.json",
        "service evenkeel-nginx-health@lb",
    ];
    expect(places.map((each) => text.indexOf(each))).toEqual(
        places.map((each) => text.indexOf(each)).toSorted((a, b) => a - b),
    );
    const packages = (name: string) =>
        /^packages (.*)$/m.exec(String(graph.find((each) => each.name === name)!.inputs.create))![1];
    expect(packages("lb-0-install")).toContain("keepalived libnginx-mod-stream nftables nginx-light");
    expect(packages("lb-0-install")).not.toContain("haproxy");
    expect(packages("web-0-install")).not.toContain("libnginx-mod-stream");
});

test("hosts of one's own: their cloud's firewall is left alone, and their connection says how long to dial", async () => {
    const own = (name: string, i: number) => ({
        name,
        privateAddress: `10.0.0.${i + 1}`,
        connection: {
            host: name,
            privateKey: pulumi.secret("-----BEGIN PRIVATE KEY-----"),
            hostKey: "ssh-ed25519 AAAA",
            dialErrorLimit: 5,
        },
        cloud: "digitalocean" as const,
        id: `${i}`,
        region: "fra1",
    });
    const graph = await graphOf(() => {
        const hosts = ["alpha", "beta"].map(own);
        new LoadBalancerPair("lb", {
            hosts,
            http: [{ backends: hosts }],
            failoverToken: pulumi.secret("<token>"),
        });
    });
    expect(graph.map(({ type }) => type)).not.toContain("digitalocean:index/firewall:Firewall");
    const dialled = graph.flatMap(({ inputs }) =>
        inputs.connection ? [JSON.stringify(reveal(inputs.connection))] : [],
    );
    expect(dialled).toHaveLength(4);
    for (const connection of dialled) expect(connection).toContain('"dialErrorLimit":5');
});
