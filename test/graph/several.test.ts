import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import {
    Database,
    DatabaseBackups,
    GaleraCluster,
    type Host,
    LoadBalancerPair,
    Memcached,
    ReplicatedMySQL,
    SessionStore,
    WebPool,
    WordPress,
} from "../../src/index.ts";
import { type GraphResource, graphOf } from "../support/graph.ts";

const host = (name: string): Host => ({
    name,
    privateAddress: `10.0.0.${name.charCodeAt(0)}`,
    connection: {
        host: `10.0.0.${name.charCodeAt(0)}`,
        privateKey: pulumi.secret("-----BEGIN PRIVATE KEY-----"),
        hostKey: "ssh-ed25519 AAAA",
    },
});
const [a, b, c, d] = ["a", "b", "c", "d"].map(host) as [Host, Host, Host, Host];
const hosts = [a, b, c];

async function refusal(program: () => unknown): Promise<string[]> {
    const error = await graphOf(program).then(
        () => undefined,
        (thrown: unknown) => thrown,
    );
    const { errors = [] } = (error ?? {}) as { errors?: { propertyPath: string; reason: string }[] };
    return errors.map(({ propertyPath, reason }) => `${propertyPath}: ${reason}`);
}

const cluster = (name: string) => new GaleraCluster(name, { hosts });
const pair = (name: string, more = {}) =>
    new LoadBalancerPair(name, {
        hosts: [a, b],
        http: [{ backends: hosts }],
        virtualAddress: "10.0.0.9/24",
        ...more,
    });
const endpoint = {
    kind: "galera" as const,
    name: "db",
    members: hosts,
    port: 3306,
    gatePort: 3309,
    healthPort: 9200,
    ca: "-----BEGIN CERTIFICATE-----",
};
const database = (name: string, more = {}) =>
    new Database(name, { servers: hosts, endpoint, clients: [d], ...more });

describe("what a host has one of is refused to a second component, with the first one's name", () => {
    test.each<[string, () => unknown, string[]]>([
        [
            "two pools on one port",
            () => [
                new WebPool("shop", { hosts: [a] }),
                new WebPool("blog", { hosts: [b, a], documentRoot: "/srv/blog" }),
            ],
            ['port: port 80 of the private address on the host "a" belongs to WebPool "shop"'],
        ],
        [
            "two pools in one folder",
            () => [new WebPool("shop", { hosts: [a] }), new WebPool("blog", { hosts: [a], port: 8080 })],
            ['documentRoot: the folder /var/www/html on the host "a" belongs to WebPool "shop"'],
        ],
        [
            "two clusters, of different kinds",
            () => [cluster("db"), new ReplicatedMySQL("orders", { hosts: [b, c, d] })],
            [
                'hosts: MariaDB on the host "b" belongs to GaleraCluster "db"',
                'hosts: MariaDB on the host "c" belongs to GaleraCluster "db"',
            ],
        ],
        [
            "two pairs with one VRRP number and one address",
            () => [pair("lb"), pair("other")],
            ["a", "b"].flatMap((name) => [
                `virtualRouterId: the VRRP router 51 on the host "${name}" belongs to LoadBalancerPair "lb"`,
                `http[0].port: port 80 of 10.0.0.9/24 on the host "${name}" belongs to LoadBalancerPair "lb"`,
            ]),
        ],
        [
            "two pairs that announce as two",
            () => {
                const onVultr = hosts.map((each) => ({
                    ...each,
                    cloud: "vultr" as const,
                    region: "fra",
                    id: "1",
                }));
                const announced = (name: string, asn: number, port: number) =>
                    new LoadBalancerPair(name, {
                        hosts: onVultr.slice(0, 2),
                        bgp: { asn },
                        http: [{ port, backends: hosts }],
                        virtualRouterId: port,
                    });
                announced("lb", 64_999, 80);
                announced("shop", 64_999, 81);
                announced("blog", 65_000, 82);
            },
            ["a", "b"].map((name) => `bgp: the BGP session on the host "${name}" belongs to AS 64999`),
        ],
        [
            "two pairs on Pacemaker",
            () => [
                pair("lb", { failover: "pacemaker" }),
                pair("other", {
                    virtualRouterId: 52,
                    virtualAddress: "10.0.0.10/24",
                    failover: "pacemaker",
                }),
            ],
            ["a", "b"].map(
                (name) =>
                    `failover: the cluster of Corosync on the host "${name}" belongs to LoadBalancerPair "lb"`,
            ),
        ],
        [
            "two databases on one port of a client",
            () => [database("shop"), database("blog")],
            [
                'port: port 3306 of the loopback on the host "d" belongs to Database "shop"',
                'readPort: port 3307 of the loopback on the host "d" belongs to Database "shop"',
            ],
        ],
        [
            "two databases with one account",
            () => [database("shop"), database("blog", { clients: [a], user: "shop" })],
            ["a", "b", "c"].map(
                (name) => `user: the database account shop on the host "${name}" belongs to Database "shop"`,
            ),
        ],
        [
            "two caches",
            () => [
                new Memcached("one", { hosts, clients: [d] }),
                new Memcached("two", { hosts: [c], clients: [d] }),
            ],
            ['hosts: memcached on the host "c" belongs to Memcached "one"'],
        ],
        [
            "two stores of sessions on one host, and of one pool",
            () => {
                const pools = [new WebPool("web", { hosts: [d], php: true })];
                new SessionStore("one", { hosts, pools });
                new SessionStore("two", { hosts: [c, d], pools });
            },
            ['hosts: Redis on the host "c" belongs to SessionStore "one"'],
        ],
    ])("%s", async (_what, program, problems) => {
        expect(await refusal(program)).toEqual(problems);
    });

    /** A WordPress with a release of somebody's. */
    const diary = (name: string, more = {}, ports = {}) =>
        new WordPress(name, {
            hosts: [a, b],
            release: { folder: "test/recorded" },
            url: `https://${name}.example`,
            title: name,
            admin: { user: "captain", email: "captain@example.com" },
            database: { servers: hosts, endpoint, ...ports },
            ...more,
        });

    test("a second WordPress on the same hosts, which has ports of its own", async () => {
        const more = { port: 8080, editors: "pinned" as const };
        expect(await refusal(() => [diary("home"), diary("work", more)])).toEqual(
            ["a", "b"].flatMap((name) => [
                `port: port 3306 of the loopback on the host "${name}" belongs to Database "home-rows"`,
                `readPort: port 3307 of the loopback on the host "${name}" belongs to Database "home-rows"`,
            ]),
        );
        const ports = { port: 3316, readPort: 3317 };
        expect(await refusal(() => [diary("home"), diary("work", more, ports)])).toEqual([]);
    });

    test("and what differs is not", async () => {
        const program = () => {
            new WebPool("shop", { hosts });
            new WebPool("blog", { hosts, port: 8080, documentRoot: "/srv/blog" });
            pair("lb");
            pair("other", { virtualRouterId: 52, virtualAddress: "10.0.0.10/24" });
            pair("third", { virtualRouterId: 53, virtualAddress: "10.0.0.11/24", failover: "pacemaker" });
            const db = cluster("db");
            database("notes");
            database("orders", { port: 3316, readPort: 3317 });
            const backups = { servers: db.hosts, endpoint: db.endpoint };
            new DatabaseBackups("nightly", { ...backups, to: { host: d, folder: "/srv/nightly" } });
            new DatabaseBackups("weekly", { ...backups, to: { host: d, folder: "/srv/weekly" } });
        };
        expect(await refusal(program)).toEqual([]);
        // A second run in the same process is another one.
        expect(await refusal(program)).toEqual([]);
    });
});

/** By name, what a host runs and how it leaves: for comparing two programs. */
const commands = (graph: GraphResource[]) =>
    Object.fromEntries(
        graph
            .filter(({ type }) => type === "command:remote:Command")
            .map(({ name, inputs }) => [name, { create: inputs.create, delete: inputs.delete }]),
    );

describe("several addresses of a pair", () => {
    const settled = (output: pulumi.Output<string>) =>
        new Promise<string>((resolve) => output.apply(resolve));
    const several = (virtualAddresses: string[], more = {}) =>
        new LoadBalancerPair("lb", { hosts: [a, b], http: [{ backends: hosts }], virtualAddresses, ...more });
    const [first, second] = ["10.0.0.9/24", "10.0.0.10/24"] as const;

    test("are outputs, of which the first is the pair's; hosts take theirs back", async () => {
        let lb: LoadBalancerPair | undefined;
        const graph = await graphOf(() => {
            lb = several([first, second]);
        });
        expect(await Promise.all(lb!.addresses.map((address) => settled(address)))).toEqual([
            "10.0.0.9",
            "10.0.0.10",
        ]);
        expect(await settled(lb!.url)).toBe("http://10.0.0.9/");
        expect(String(commands(graph)["lb-a-balancer"]!.create).match(/^FAIL_BACK_S=60$/gm)).toHaveLength(2);
    });

    test("one in the list is as one by itself", async () => {
        const one = await graphOf(() => several([first]));
        expect(commands(one)).toEqual(commands(await graphOf(() => pair("lb"))));
    });

    test("no other pair of the host has one of them", async () => {
        const other = () => pair("other", { virtualRouterId: 52, virtualAddress: second });
        expect(await refusal(() => [several([first, second]), other()])).toEqual(
            ["a", "b"].map(
                (name) =>
                    `http[0].port: port 80 of 10.0.0.10/24 on the host "${name}" belongs to LoadBalancerPair "lb"`,
            ),
        );
    });
});

describe("hosts whose weight goes by their load", () => {
    const asking = (name: string, number: number, more = {}) =>
        pair(name, {
            virtualRouterId: number,
            virtualAddress: `10.0.0.${number}/24`,
            http: [
                { backends: [b, c], weightByLoad: true, routes: [{ path: "/a", backends: hosts }] },
                { port: 81, backends: hosts, weightByLoad: true },
            ],
            ...more,
        });
    const agents = async (program: () => unknown) =>
        Object.entries(commands(await graphOf(program))).filter(([name]) => name.endsWith("load-agent"));

    test("have one agent, however many pools and pairs ask it, on a balancer, too", async () => {
        const found = await agents(() => [asking("lb", 9), asking("edge", 10)]);
        expect(found.map(([name]) => name).sort()).toEqual(
            ["edge", "lb"].flatMap((name) => ["a", "b", "c"].map((host) => `${name}-${host}-load-agent`)),
        );
        const texts = found.map(([, { create }]) => String(create).replace(/^role .*$/m, "role"));
        expect(new Set(texts).size).toBe(3);
    });

    test("get it before it is asked for no more than themselves, and once", async () => {
        const graph = await graphOf(() => asking("lb", 9));
        const installed = graph.filter(({ name }) => name.endsWith("-install")).map(({ name }) => name);
        expect(installed.sort()).toEqual(["lb-a-install", "lb-b-install", "lb-c-install"]);
        for (const { inputs } of graph.filter(({ name }) => name.endsWith("-install"))) {
            expect(inputs.create).toMatch(/^programs .*\bload-agent\b/m);
            expect(inputs.create).toMatch(/^packages .*\bpython3\b/m);
        }
    });

    test("and whoever has its port keeps it", async () => {
        const shop = () => new WebPool("shop", { hosts: [c], port: 8406 });
        expect(await refusal(() => [shop(), asking("lb", 9)])).toEqual([
            'http[0].weightByLoad: port 8406 of the private address on the host "c" belongs to WebPool "shop"',
        ]);
        expect(await refusal(() => [asking("lb", 9), shop()])).toEqual([
            'port: port 8406 of the private address on the host "c" belongs to the load agent of the balancers',
        ]);
    });

    test("are not touched where nobody asks", async () => {
        const found = await graphOf(() => pair("lb"));
        expect(found.filter(({ inputs }) => /load-agent/.test(String(inputs.create)))).toEqual([]);
    });
});

describe("a cluster has a connection for every worker of its clients", () => {
    const program =
        (max_connections: string | number, phpWorkers = 16) =>
        () => {
            const db = new GaleraCluster("db", { hosts, settings: { max_connections } });
            const web = new WebPool("web", { hosts: [c, d], php: true, phpWorkers });
            const desk = new WebPool("desk", { hosts: [d], port: 8080, documentRoot: "/srv/desk" });
            const cluster = { servers: db.hosts, endpoint: db.endpoint };
            // Static pages hold none, whoever else runs PHP there; what has its own number counts for each database.
            new Database("static", { ...cluster, clients: desk.hosts });
            new Database("shop", { ...cluster, clients: web.hosts, port: 3316, readPort: 3317 });
            new Database("blog", { ...cluster, clients: web.hosts, port: 3326, readPort: 3327 });
        };
    const reason = (takes: number) =>
        `clients: may open 64 connections at once (2 hosts x 16 workers of Database "shop" + 2 hosts x 16 workers of Database "blog"), and 11 are the cluster's own, but "db" takes ${takes}: give the web hosts fewer \`phpWorkers\`, or the cluster \`settings: { max_connections: 75 }\``;

    test("of all of its databases together", async () => {
        expect(await refusal(program(74))).toEqual([reason(74)]);
        expect(await refusal(program("74"))).toEqual([reason(74)]);
        expect(await refusal(program(75))).toEqual([]);
        expect(await refusal(program(74, 15))).toEqual([]);
    });

    test("what is no plain number MariaDB judges, and another cluster's databases count there", async () => {
        expect(await refusal(program("lots"))).toEqual([]);
        const two = () => {
            const web = new WebPool("web", { hosts: [d], php: true, phpWorkers: 60 });
            for (const [i, members] of [[a, b, c], ["e", "f", "g"].map(host)].entries()) {
                const db = new ReplicatedMySQL(`db-${i}`, { hosts: members });
                const ports = { port: 3306 + 10 * i, readPort: 3307 + 10 * i };
                new Database(`shop${i}`, {
                    servers: db.hosts,
                    endpoint: db.endpoint,
                    clients: web.hosts,
                    ...ports,
                });
            }
        };
        expect(await refusal(two)).toEqual([]);
    });
});

describe("everything of a host goes by its name", () => {
    const everything = (order: Host[]) => () => {
        const web = new WebPool("web", { hosts: order, php: true });
        new SessionStore("sessions", { hosts: order, pools: [web] });
        new LoadBalancerPair("lb", {
            hosts: order,
            http: [{ backends: web.hosts }],
            virtualAddress: "10.0.0.9/24",
        });
        new Memcached("cache", { hosts: order, clients: order });
    };

    test("a list in another order is the same resources", async () => {
        const names = async (order: Host[]) => Object.keys(commands(await graphOf(everything(order)))).sort();
        expect(await names([c, a, b])).toEqual(await names(hosts));
    });

    test("another order changes no more than who is preferred", async () => {
        const before = commands(await graphOf(everything(hosts)));
        const after = commands(await graphOf(everything([c, b, a])));
        for (const [name, { create }] of Object.entries(after)) {
            const changed = String(create)
                .split("\n")
                .filter((line) => !String(before[name]!.create).split("\n").includes(line));
            expect(
                changed.filter((line) => !/^ +priority \d+$/.test(line)),
                name,
            ).toEqual([]);
        }
    });

    test("another host in a list touches no resource of the others, but what they say of it", async () => {
        const before = await graphOf(() => new WebPool("web", { hosts }));
        const after = await graphOf(() => new WebPool("web", { hosts: [d, ...hosts] }));
        expect(commands(after)).toMatchObject(commands(before));
    });
});

test("what leaves a program is retired on its host", async () => {
    const graph = await graphOf(() => {
        cluster("db");
        database("notes");
        pair("lb");
    });
    for (const [name, { create, delete: left }] of Object.entries(commands(graph))) {
        const [, role, on] = /^role (\S+) (\S+)/m.exec(String(create))!;
        expect(String(left), name).toMatch(new RegExp(`/retire ${role} ${on}$`));
    }
});
