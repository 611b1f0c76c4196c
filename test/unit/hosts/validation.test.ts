import * as pulumi from "@pulumi/pulumi";
import { beforeEach, expect, test } from "vitest";
import {
    Database,
    DatabaseBackups,
    type DatabaseEndpoint,
    GaleraCluster,
    LoadBalancerPair,
    type Placement,
    ReplicatedMySQL,
    Site,
    WebPool,
} from "../../../src/index.ts";

const placement: Placement = {
    cloud: "digitalocean",
    region: "fra1",
    network: "n",
    sshKey: "1",
    privateKey: pulumi.secret("k"),
    tag: "t",
};
const connection = { host: "192.0.2.1", privateKey: pulumi.secret("k"), hostKey: "ssh-ed25519 A" };
const host = (name: string) => ({ name, privateAddress: "10.0.0.1", connection });
const endpoint: DatabaseEndpoint = {
    kind: "galera",
    name: "db",
    members: [],
    port: 3306,
    healthPort: 9200,
    ca: "",
};

let registered = 0;
beforeEach(async () => {
    registered = 0;
    const newResource = () => {
        registered++;
        return { id: "x", state: {} };
    };
    await pulumi.runtime.setMocks({ newResource, call: () => ({}) });
});

/** What is said about which property; nothing may have been registered by then. */
async function problemsOf(make: () => unknown): Promise<string[]> {
    try {
        make();
    } catch (error) {
        if (!pulumi.InputPropertiesError.isInstance(error)) throw error;
        await pulumi.runtime.disconnect();
        expect(registered).toBe(0);
        return error.errors.map(({ propertyPath, reason }) => `${propertyPath}: ${reason}`);
    }
    throw new Error("was accepted");
}

const cases: [string, () => unknown, string[]][] = [
    [
        "an even number of members without an arbitrator",
        () => new GaleraCluster("db", { placement, hostCount: 2 }),
        [
            "hostCount: of 2 members, the half that a parted network leaves has no majority: use an odd number, or give an `arbitrator`",
        ],
    ],
    [
        "two given hosts without an arbitrator",
        () => new GaleraCluster("db", { hosts: [host("a"), host("b")] }),
        [
            "hosts: of 2 members, the half that a parted network leaves has no majority: use an odd number, or give an `arbitrator`",
        ],
    ],
    [
        "settings that would have members or clients talk in plain, by whatever name",
        () =>
            new GaleraCluster("db", {
                placement,
                settings: {
                    wsrep_provider_options: "socket.ssl=no",
                    ssl: 0,
                    skip_ssl: true,
                    loose_skip_ssl: true,
                    require_secure: false,
                    bind: "0.0.0.0",
                    tls_version: "TLSv1.0",
                    max_connections: 90,
                },
            }),
        [
            "wsrep_provider_options",
            "ssl",
            "skip_ssl",
            "loose_skip_ssl",
            "require_secure",
            "bind",
            "tls_version",
        ].map((key) => `settings.${key}: is the cluster's own: it cannot be set`),
    ],
    [
        "a MariaDB of another series",
        () => new GaleraCluster("db", { placement, version: "11.4.2" }),
        [
            "version: \"11.4.2\" is not of MariaDB 10.11, Debian 12's: write it as 10.11.19, or with Debian's part as 10.11.19-0+deb12u1",
        ],
    ],
    [
        "a primary with one replica, and settings that are out of range",
        () =>
            new ReplicatedMySQL("db", {
                placement,
                hostCount: 2,
                suspectTimeout: 0.1,
                maxLag: 1,
                slowQuerySeconds: 0,
                settings: { server_id: 7, rpl_semi_sync_master_timeout: 10, skip_slave_start: false },
            }),
        [
            "hostCount: of 2 members, who is left cannot tell a dead primary from a parted network: use 3 or more",
            "suspectTimeout: 0.1 is not a number of seconds from 0.5 to 60",
            "maxLag: 1 is not a number of seconds: give 2 or more",
            "slowQuerySeconds: 0 is not a number of seconds",
            "settings.server_id: is the cluster's own: it cannot be set",
            "settings.rpl_semi_sync_master_timeout: is the cluster's own: it cannot be set",
            "settings.skip_slave_start: is the cluster's own: it cannot be set",
        ],
    ],
    [
        "an arbitrator that makes a tie",
        () => new GaleraCluster("db", { placement, hostCount: 3, arbitrator: host("web-0") }),
        [
            "arbitrator: with 3 members it would make the number of votes even: leave it out, or use an even number of members",
        ],
    ],
    [
        "an arbitrator that is a member",
        () => new GaleraCluster("db", { hosts: [host("a"), host("b")], arbitrator: host("b") }),
        ["arbitrator: is a member itself: its vote would go with the member"],
    ],
    [
        "settings that the cluster stands on, and a time that is none",
        () =>
            new GaleraCluster("db", {
                placement,
                settings: { wsrep_on: false, bind_address: "0.0.0.0", "max-connections": 9 },
                suspectTimeout: 0,
            }),
        [
            "suspectTimeout: 0 is not a number of seconds from 0.5 to 30",
            "settings.wsrep_on: is the cluster's own: it cannot be set",
            "settings.bind_address: is the cluster's own: it cannot be set",
            "settings.max-connections: is not the name of a MariaDB setting",
        ],
    ],
    [
        "reserved names and one port for two",
        () =>
            new Database("shop", {
                servers: [host("a")],
                endpoint,
                clients: [],
                schema: "mysql",
                user: "root",
                port: 3307,
            }),
        [
            "clients: give the hosts whose programs use the database",
            'schema: "mysql" is MariaDB\'s own',
            'user: "root" is MariaDB\'s own',
            "readPort: is the port for writes already",
        ],
    ],
    [
        "clients that are none, or cannot be told apart or reached",
        () => {
            const pool = [host("web-0"), host("web-0"), { ...host("web-2"), privateAddress: "" }];
            return new Database("shop", { servers: [host("a")], endpoint, clients: [...pool, pool[7]!] });
        },
        [
            "clients[2].privateAddress: give the IPv4 address by which the other hosts reach this one",
            "clients[3]: there is no such host",
            'clients: host names must differ, but "web-0" stands twice',
        ],
    ],
    [
        "reads of strangers, from strangers, twice, and from nobody",
        () => {
            const [db, web, stranger] = [host("db-0"), host("web-0"), host("stranger")];
            return new Database("shop", {
                servers: [db],
                endpoint,
                clients: [web],
                reads: [
                    { client: stranger, from: "writer" },
                    { client: web, from: [db, stranger] },
                    { client: web, from: [] },
                    { client: web, from: "db-0" as "writer" },
                ],
            });
        },
        [
            "reads[0].client: must be one of `clients`",
            "reads[1].from[1]: must be one of `servers`",
            "reads[2].client: has a rule already: give one for each client",
            "reads[2].from: the list is empty: leave the rule out",
            "reads[3].client: has a rule already: give one for each client",
            'reads[3].from: give "writer", or some of `servers`',
        ],
    ],
    [
        "a client by the name of its address",
        () =>
            new Database("shop", {
                servers: [host("a")],
                endpoint,
                clients: [{ ...host("web-0"), privateAddress: "web-0.internal" }],
            }),
        ["clients[0].privateAddress: give the IPv4 address by which the other hosts reach this one"],
    ],
    [
        "everything wrong with backups to a folder",
        () =>
            new DatabaseBackups("backups-of-rather-many-letters", {
                servers: [],
                endpoint,
                to: { host: host("a"), folder: "srv/../backups" },
                keep: 0,
                schedule: "daily\nhourly",
            }),
        [
            "servers: give the cluster's hosts",
            'schedule: give one line in the words of OnCalendar, such as "*-*-* 02:30"',
            "keep: 0 is not a number of backups: give 1 or more",
            'name: "backups-of-rather-many-letters" is no part of a user\'s name: with a folder, use at most 24 lower-case letters, digits and hyphens',
            'to.folder: "srv/../backups" is not an absolute path: write it as /srv/backups',
        ],
    ],
    [
        "everything wrong with backups to a bucket",
        () =>
            new DatabaseBackups("backups", {
                servers: [host("a")],
                endpoint,
                to: {
                    bucket: "B",
                    endpoint: "fra1.digitaloceanspaces.com",
                    prefix: "/x",
                    accessKey: "",
                    secretKey: "",
                },
            }),
        [
            'to.bucket: "B" is not the name of a bucket',
            'to.endpoint: "fra1.digitaloceanspaces.com" is not an address: write it as https://fra1.digitaloceanspaces.com',
            'to.prefix: "/x" is not a path in a bucket: no / at its ends',
            "to.accessKey: is missing",
            "to.secretKey: is missing",
        ],
    ],
    [
        "no hosts at all",
        () => new WebPool("web", { placement, hostCount: 0 }),
        ["hostCount: 0 is not a number of hosts: give 1 or more"],
    ],
    [
        "half a host",
        () => new WebPool("web", { placement, hostCount: 1.5 }),
        ["hostCount: 1.5 is not a number of hosts: give 1 or more"],
    ],
    [
        "both placement and hosts",
        () => new WebPool("web", { placement, hosts: [host("a")] }),
        ["hosts: give either `placement` or `hosts`, not both"],
    ],
    [
        "neither",
        () => new WebPool("web", {}),
        ["placement: give either `placement` (hosts are created) or `hosts`"],
    ],
    [
        "duplicate names",
        () => new WebPool("web", { hosts: [host("a"), host("a")] }),
        ['hosts: host names must differ, but "a" stands twice'],
    ],
    [
        "processes for a PHP that is not wanted, and none of them",
        () => new WebPool("web", { placement, phpWorkers: 0 }),
        [
            "phpWorkers: 0 is not a number of processes: give 1 or more",
            "phpWorkers: there is no PHP: give php: true",
        ],
    ],
    [
        "a group of clients that is no name",
        () =>
            new Database("shop", { servers: [host("a")], endpoint, clients: [host("b")], group: "www data" }),
        ['group: "www data" is not the name of a Unix group'],
    ],
    [
        "a bad port",
        () => new WebPool("web", { placement, port: 70000 }),
        ["port: 70000 is not a port: give a whole number from 1 to 65535"],
    ],
    [
        "a bad range",
        () => new Site("shop", { cloud: "digitalocean", region: "fra1", ipRange: "10.0.0.0/33" }),
        ['ipRange: "10.0.0.0/33" is not an IPv4 range: write it as 10.20.0.0/20'],
    ],
    [
        "host bits in a range",
        () => new Site("shop", { cloud: "digitalocean", region: "fra1", ipRange: "10.0.0.1/20" }),
        ['ipRange: "10.0.0.1/20" has host bits set'],
    ],
    [
        "a public range",
        () => new Site("shop", { cloud: "digitalocean", region: "fra1", ipRange: "8.8.0.0/16" }),
        ['ipRange: "8.8.0.0/16" is not private: use 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16'],
    ],
    [
        "a file outside the document root",
        () => new WebPool("web", { placement, files: { "../etc/passwd": "" } }),
        ['files: "../etc/passwd" must lie below the document root: no leading / and no ..'],
    ],
    [
        "everything wrong with a pair at once",
        () =>
            new LoadBalancerPair("lb", {
                placement,
                hostCount: 1,
                http: [
                    { port: 0, backends: [], pinned: [{ path: "wp-admin", to: host("a") }] },
                    { port: 0, backends: [host("b")] },
                ],
            }),
        [
            "hostCount: one balancer alone is a single point of failure: use two",
            "http: listeners must differ in port: 0, 0",
            "http[0].port: 0 is not a port: give a whole number from 1 to 65535",
            "http[0].backends: give the hosts that answer",
            'http[0].pinned[0].path: "wp-admin" is not a URL path: start it with / and use no spaces',
            "http[0].pinned[0].to: must be one of the listener's backends",
            "http[1].port: 0 is not a port: give a whole number from 1 to 65535",
            "failoverToken: give the token with which the balancers move the reserved IP (or a `virtualAddress` of your own network)",
        ],
    ],
    [
        "a reserved IP for hosts of no cloud",
        () =>
            new LoadBalancerPair("lb", {
                hosts: [host("a"), host("b")],
                http: [{ backends: [host("c")] }],
                failoverToken: "t",
            }),
        [
            "hosts: a reserved IP needs each host's `cloud`, `id` and `region`; without them give a `virtualAddress`",
        ],
    ],
];

test.each(cases)("refused before anything is registered: %s", async (_title, make, problems) => {
    expect(await problemsOf(make)).toEqual(problems);
});
