import { readdirSync, readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { Database } from "../../../src/index.ts";
import {
    endpoint,
    host,
    hosts,
    problemsOf,
    refuses,
    refusesWrong,
    type Wrong,
} from "../../support/refusals.ts";

/** Web hosts whose PHP has 8 workers each. */
const pool = (count: number) => Array.from({ length: count }, (_, i) => host(`web-${i}`, { workers: 8 }));

const shop = { servers: hosts("a"), endpoint: endpoint("a"), clients: hosts("web-0") };

refuses([
    [
        "reserved names and one port for two",
        () => new Database("shop", { ...shop, clients: [], schema: "mysql", user: "root", port: 3307 }),
        [
            "clients: the list is empty: give a component's `hosts`, or a list of hosts",
            "schema: \"mysql\" is MariaDB's own, or the cluster's",
            "user: \"root\" is MariaDB's own, or the cluster's",
            "readPort: is the port for writes already",
        ],
    ],
    [
        "names that the component's would be",
        () => new Database("my-shop", shop),
        ['schema: "my-shop" is not the name of a schema: use lower-case letters, digits and _, 64 at most'],
    ],
    [
        "clients that are none, or cannot be told apart or reached",
        () => {
            const pool = [...hosts("web-0", "web-0"), host("web-2", { privateAddress: "" })];
            return new Database("shop", { ...shop, clients: [...pool, pool[7]!] });
        },
        [
            'clients[2].privateAddress: "" is not an address of a host: give the IPv4 address by which the other hosts reach it',
            "clients[3]: is missing: give a host, such as one of a component's `hosts`",
        ],
    ],
    [
        "reads of strangers, from strangers and twice",
        () => {
            const [db, web, stranger] = [host("a"), host("web-0"), host("stranger")];
            return new Database("shop", {
                ...shop,
                reads: [
                    { client: stranger, from: "writer" },
                    { client: web, from: [db, stranger] },
                    { client: web, from: [db] },
                ],
            });
        },
        [
            "reads[0].client: must be one of `clients`",
            "reads[1].from[1]: must be one of `servers`",
            "reads[2].client: has a rule already: give one for each client",
        ],
    ],
    [
        "reads from nobody, and from what is no host",
        () => {
            const [client] = hosts("web-0");
            return new Database("shop", {
                ...shop,
                reads: [
                    { client: client!, from: [] },
                    { client: client!, from: "db-0" as "writer" },
                ],
            });
        },
        [
            "reads[0].from: the list is empty: give a component's `hosts`, or a list of hosts",
            'reads[1].from: "db-0" is not "writer", or some of `servers`: use "writer"',
        ],
    ],
    [
        "more workers than a cluster has connections for",
        () => new Database("shop", { ...shop, clients: pool(9) }),
        [
            `clients: may open 72 connections at once (9 hosts x 8 workers of Database "shop"), and 9 are the cluster's own, but "db" takes 80: give the web hosts fewer \`phpWorkers\`, or the cluster \`settings: { max_connections: 81 }\``,
        ],
    ],
    [
        "the hosts of one cluster and the endpoint of another",
        () => new Database("shop", { ...shop, servers: hosts("x", "a"), endpoint: endpoint("a", "b") }),
        [
            'servers: "x": no member of the cluster "db"',
            'servers: "b" of the cluster "db" is missing: give its `hosts`',
        ],
    ],
]);

const wrong: Wrong[] = [
    ["nothing at all", undefined, ["servers", "endpoint", "clients"]],
    ["the account that members replicate by", { ...shop, user: "replication" }, ["user"]],
    ["the account of the clusters' own tasks", { ...shop, user: "event_scheduler" }, ["user"]],
    ["the schema of the heartbeat", { ...shop, schema: "evenkeel" }, ["schema"]],
    ["a schema with a quote", { ...shop, schema: "shop`; DROP" }, ["schema"]],
    ["a schema of upper case", { ...shop, schema: "Shop" }, ["schema"]],
    ["a schema of 65 letters", { ...shop, schema: "s".repeat(65) }, ["schema"]],
    ["a schema that is an output", { ...shop, schema: pulumi.output("shop") }, ["schema"]],
    ["a user with a host", { ...shop, user: "shop@%" }, ["user"]],
    ["an empty user", { ...shop, user: "" }, ["user"]],
    ["a user that is a number", { ...shop, user: 7 }, ["user"]],
    ["a group of two words", { ...shop, group: "www data" }, ["group"]],
    ["the port of SSH", { ...shop, port: 22 }, ["port"]],
    ["the port of SSH for reads", { ...shop, readPort: 22 }, ["readPort"]],
    ["a port that is NaN", { ...shop, port: Number.NaN }, ["port"]],
    ["names by a text", { ...shop, names: "yes" }, ["names"]],
    [
        "a client that is called what the members are",
        { ...shop, names: true, clients: hosts("db-ro") },
        ["clients[0].name"],
    ],
    ["rules in no list", { ...shop, reads: { client: shop.clients[0], from: "writer" } }, ["reads"]],
    ["half a rule", { ...shop, reads: [{ client: shop.clients[0] }] }, ["reads[0].from"]],
    [
        "a rule of another spelling",
        { ...shop, reads: [{ client: shop.clients[0], from: "writer", to: "x" }] },
        ["reads[0].to"],
    ],
    [
        "a cluster in place of its endpoint",
        { ...shop, endpoint: { hosts: [] } },
        [
            "endpoint.hosts",
            "endpoint.kind",
            "endpoint.name",
            "endpoint.members",
            "endpoint.port",
            "endpoint.gatePort",
            "endpoint.healthPort",
            "endpoint.ca",
        ],
    ],
    ["an endpoint of nobody", { ...shop, endpoint: { ...shop.endpoint, members: [] } }, ["endpoint.members"]],
    [
        "an endpoint of another kind",
        { ...shop, endpoint: { ...shop.endpoint, kind: "postgres" } },
        ["endpoint.kind"],
    ],
    [
        "an endpoint of an odd name",
        { ...shop, endpoint: { ...shop.endpoint, name: "d b" } },
        ["endpoint.name"],
    ],
    ["an endpoint that is an output", { ...shop, endpoint: pulumi.output(shop.endpoint) }, ["endpoint"]],
    ["servers that are an endpoint", { ...shop, servers: shop.endpoint }, ["servers"]],
    ["a file for a name", { ...shop, schema: "shop" }, ["name"], "../../shop"],
];
refusesWrong(Database, "shop", wrong);

test("no database gets an account that the clusters' own programs know", async () => {
    const folders = ["galera", "member", "replicated", "backups"].map((name) => `src/${name}/onhost`);
    const programs = folders.flatMap((folder) => readdirSync(folder).map((name) => `${folder}/${name}`));
    const texts = programs.map((path) => readFileSync(path, "utf8")).join("\n");
    const known = [
        ...texts.matchAll(/(?:MASTER_USER = '|\buser="|--user=)([a-z_]+)/g),
        ...[...texts.matchAll(/^ *own = "\((.*)\)"$/gm)].flatMap(([, list]) => [
            ...list!.matchAll(/'([a-z_]+)'/g),
        ]),
    ].map(([, account]) => account!);
    expect(new Set(known)).toEqual(new Set(["root", "mysql", "replication", "event_scheduler"]));
    for (const user of new Set(known))
        expect(await problemsOf(() => new Database("shop", { ...shop, user }))).toHaveLength(1);
});
