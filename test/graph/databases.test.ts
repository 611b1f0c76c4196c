import * as pulumi from "@pulumi/pulumi";
import { afterEach, expect, test } from "vitest";
import {
    Database,
    type DatabaseArgs,
    GaleraCluster,
    type GaleraClusterArgs,
    type Host,
    ReplicatedMySQL,
    Site,
    WebPool,
} from "../../src/index.ts";
import { ADDRESS, graphOf, renderGraph, reveal } from "../support/graph.ts";

afterEach(async () => pulumi.runtime.disconnect());

interface ShopArgs extends Pick<GaleraClusterArgs, "settings" | "version"> {
    members?: number;
    webHosts?: number;
}

function shop({ members = 3, webHosts = 2, settings = {}, ...more }: ShopArgs = {}) {
    const site = new Site("shop", { cloud: "digitalocean", region: "fra1" });
    const db = new GaleraCluster("db", { placement: site.placement, hostCount: members, settings, ...more });
    const web = new WebPool("web", { placement: site.placement, hostCount: webHosts });
    return new Database("shop", { servers: db.hosts, endpoint: db.endpoint, clients: web.hosts });
}

/** Names of the resources that differ between two programs. */
async function changed(...programs: [() => unknown, () => unknown]): Promise<string[]> {
    const [one, two] = [await graphOf(programs[0]), await graphOf(programs[1])];
    const before = new Map(
        one.map((each) => [`${each.type} ${each.name}`, JSON.stringify(reveal(each.inputs))]),
    );
    return two
        .filter(({ type, name, inputs }) => before.get(`${type} ${name}`) !== JSON.stringify(reveal(inputs)))
        .map(({ name }) => name);
}

test("the graph of a cluster and its database", async () => {
    await expect(renderGraph(await graphOf(() => shop()))).toMatchFileSnapshot("galera.golden.txt");
});

type Clients = (db: Host[], web: Host[]) => Pick<DatabaseArgs, "reads" | "names">;

function replicated(members = 3, clients: Clients = () => ({})) {
    const site = new Site("shop", { cloud: "digitalocean", region: "fra1" });
    const db = new ReplicatedMySQL("db", { placement: site.placement, hostCount: members });
    const web = new WebPool("web", { placement: site.placement, hostCount: 2 });
    const more = clients(db.hosts, web.hosts);
    return new Database("shop", { servers: db.hosts, endpoint: db.endpoint, clients: web.hosts, ...more });
}

test.each<[string, Clients]>([
    ["the writer", (_, web) => ({ reads: [{ client: web[0]!, from: "writer" }] })],
    ["one member", (db, web) => ({ reads: [{ client: web[0]!, from: [db[2]!] }] })],
])("a client that reads from %s changes its own HAProxy, and nothing else", async (what, clients) => {
    const program = () => replicated(3, clients);
    expect(await changed(() => replicated(), program)).toEqual(["shop", "shop-web-0-endpoint"]);
    const endpoint = (await graphOf(program)).find(({ name }) => name === "shop-web-0-endpoint")!;
    const config = String(reveal(endpoint.inputs.create)).match(
        /^(listen|frontend) read\n[\s\S]*?(?=^EOF)/m,
    )![0];
    await expect(config).toMatchFileSnapshot(`reads-from-${what.replaceAll(" ", "-")}.golden.txt`);
});

test("names are for every client, and change no member", async () => {
    const program = () => replicated(3, () => ({ names: true }));
    expect(await changed(() => replicated(), program)).toEqual([
        "shop",
        "shop-web-0-endpoint",
        "shop-web-0-install",
        "shop-web-1-endpoint",
        "shop-web-1-install",
    ]);
});

test("the graph of a primary with its replicas and its database", async () => {
    await expect(renderGraph(await graphOf(() => replicated()))).toMatchFileSnapshot("replicated.golden.txt");
});

test("two more replicas change no member's settings, and get the same: who votes is decided among them", async () => {
    const names = await changed(
        () => replicated(),
        () => replicated(5),
    );
    expect(names.filter((name) => /^db-[012]/.test(name))).toEqual([
        "db-0-member",
        "db-1-member",
        "db-2-member",
    ]);
    const graph = await graphOf(() => replicated(5));
    const text = (name: string) => String(reveal(graph.find((each) => each.name === name)!.inputs.create));
    const settings = (host: string) =>
        text(`${host}-replicated`)
            .replaceAll(host, "HOST")
            .replace(/^server_id = \d+$/m, "server_id = ITS");
    expect(settings("db-3")).toBe(settings("db-2"));
});

function arbitrated(voter = 0) {
    const site = new Site("shop", { cloud: "digitalocean", region: "fra1" });
    const web = new WebPool("web", { placement: site.placement, hostCount: 2 });
    const members = { placement: site.placement, hostCount: 2 };
    return new GaleraCluster("db", { ...members, arbitrator: web.hosts[voter]! });
}

test("an arbitrator comes after the members, with a certificate of its own, and its key is no argument", async () => {
    const graph = await graphOf(() => arbitrated());
    const voter = graph.filter(({ name }) => name.startsWith("db-web-0-"));
    await expect(renderGraph(voter)).toMatchFileSnapshot("arbitrator.golden.txt");
    const cluster = graph.find(({ type }) => type === "evenkeel:index:GaleraCluster")!;
    expect(JSON.stringify(reveal(cluster.inputs))).not.toContain("private");
});

test("another arbitrator changes what the members let in, and restarts none", async () => {
    const names = await changed(
        () => arbitrated(0),
        () => arbitrated(1),
    );
    expect(names.filter((name) => /^db-\d/.test(name))).toEqual(["db-0-member", "db-1-member"]);
});

test("in preview all texts are known before any address is", async () => {
    const graph = await graphOf(() => shop(), { preview: true });
    const commands = graph.filter(({ type }) => type === "command:remote:Command");
    for (const { name, inputs } of commands) expect(inputs.create, name).toMatch(/^(#|\. )/);
});

test("two more members change who is a member, and no member's settings", async () => {
    const names = await changed(
        () => shop(),
        () => shop({ members: 5 }),
    );
    const old = names.filter((name) => /^(db|web|shop-web)-[012]/.test(name));
    expect(old).toEqual([
        "db-0-member",
        "db-1-member",
        "db-2-member",
        "shop-web-0-endpoint",
        "shop-web-1-endpoint",
    ]);
});

test("one more client changes the grants, and nothing of the members", async () => {
    const names = await changed(
        () => shop(),
        () => shop({ webHosts: 3 }),
    );
    expect(names.filter((name) => name.startsWith("db"))).toEqual([]);
    expect(names).toEqual(
        expect.arrayContaining(["shop-db-0-grants", "shop-db-1-grants", "shop-db-2-grants"]),
    );
});

test("a setting changes each member's settings, the preferred writer last", async () => {
    const with90 = () => shop({ settings: { max_connections: 90 } });
    expect(await changed(() => shop(), with90)).toEqual(["db", "db-0-galera", "db-1-galera", "db-2-galera"]);
    const graph = await graphOf(with90);
    const after = (name: string) => graph.find((each) => each.name === name)!.dependencies;
    expect(after("db-0-galera")).toContain("db-1-galera");
    expect(after("db-1-galera")).toContain("db-2-galera");
    expect(after("db-2-galera")).toEqual(
        expect.arrayContaining(["db-0-member", "db-1-member", "db-2-member"]),
    );
});

test("another version of MariaDB is one line of each member, the preferred writer last", async () => {
    const at = (version: string) => () => shop({ version });
    const names = await changed(at("10.11.19"), at("10.11.20"));
    expect(names).toEqual(["db", "db-0-galera", "db-1-galera", "db-2-galera"]);
    const { inputs } = (await graphOf(at("10.11.20"))).find(({ name }) => name === "db-0-galera")!;
    expect(inputs.create).toContain("file /etc/evenkeel/galera.version <<'EOF'\n10.11.20\nEOF");
});

test("no text holds a password, a key or an address", async () => {
    for (const { name, inputs } of await graphOf(() => shop())) {
        if (inputs.create) expect(inputs.create, name).not.toMatch(/<private|<password|PRIVATE KEY/);
        if (inputs.create) expect(inputs.create, name).not.toMatch(ADDRESS);
    }
});
