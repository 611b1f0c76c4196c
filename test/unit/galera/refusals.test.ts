import { GaleraCluster } from "../../../src/index.ts";
import { host, hosts, placement, refuses, refusesWrong, type Wrong } from "../../support/refusals.ts";

refuses([
    [
        "an even number of members without an arbitrator",
        () => new GaleraCluster("db", { placement, hostCount: 2 }),
        [
            "hostCount: of 2 members, the half that a parted network leaves has no majority: use an odd number, or give an `arbitrator`",
        ],
    ],
    [
        "two given hosts without an arbitrator",
        () => new GaleraCluster("db", { hosts: hosts("a", "b") }),
        [
            "hosts: of 2 members, the half that a parted network leaves has no majority: use an odd number, or give an `arbitrator`",
        ],
    ],
    [
        "one member that nobody has said is meant",
        () => new GaleraCluster("db", { placement, hostCount: 1 }),
        [
            "hostCount: one database host alone is a single point of failure: use three, or say so with `singlePointOfFailure: true`",
        ],
    ],
    [
        "three that are said to be one",
        () => new GaleraCluster("db", { placement, singlePointOfFailure: true }),
        ["singlePointOfFailure: is for one database host alone, and there are 3: leave it out"],
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
            "version: \"11.4.2\" is not a version of MariaDB 10.11, Debian 12's: write it as 10.11.19, or with Debian's part as 10.11.19-0+deb12u1",
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
        () => new GaleraCluster("db", { hosts: hosts("a", "b"), arbitrator: host("b") }),
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
            "suspectTimeout: 0 is not a number of seconds: give a number from 0.5 to 30",
            "settings.wsrep_on: is the cluster's own: it cannot be set",
            "settings.bind_address: is the cluster's own: it cannot be set",
            'settings: "max-connections" is not the name of a MariaDB setting: use lower-case letters, digits and _, as its manual does',
        ],
    ],
    [
        "a member that is called what all of them are",
        () => new GaleraCluster("db", { hosts: hosts("db-0", "db-rw", "db-ro") }),
        ["rw", "ro"].map(
            (word, i) =>
                `hosts[${i + 1}].name: "db-${word}" is what members of the cluster "db" are called by`,
        ),
    ],
]);

const settings = (change: object) => ({ placement, settings: change });
const wrong: Wrong[] = [
    ["NaN seconds", { placement, suspectTimeout: Number.NaN }, ["suspectTimeout"]],
    ["seconds without end", { placement, suspectTimeout: Number.POSITIVE_INFINITY }, ["suspectTimeout"]],
    ["seconds that are a text", { placement, suspectTimeout: "2" }, ["suspectTimeout"]],
    ["a list of settings", settings(["max_connections"]), ["settings"]],
    ["a setting that is none", settings({ max_connections: null }), ["settings.max_connections"]],
    ["a setting of NaN", settings({ max_connections: Number.NaN }), ["settings.max_connections"]],
    ["a setting of two lines", settings({ sql_mode: "\n[client]" }), ["settings.sql_mode"]],
    ["a setting that a comment cuts", settings({ sql_mode: "A # B" }), ["settings.sql_mode"]],
    [
        "a setting that hosts would fill in",
        settings({ init_connect: "{{value key}}" }),
        ["settings.init_connect"],
    ],
    ["a setting of upper case", settings({ MAX: 1 }), ["settings"]],
    ["a version that is a number", { placement, version: 10.11 }, ["version"]],
    ["a version with a command in it", { placement, version: "10.11.1-$(id)" }, ["version"]],
    ["a majority by a text", { placement, recoverWithMajority: "false" }, ["recoverWithMajority"]],
    ["protection by a text", { placement, deletionProtection: "false" }, ["deletionProtection"]],
    ["no writes in the queue", { placement, maxReceiveQueue: 0 }, ["maxReceiveQueue"]],
    ["a queue without end", { placement, maxReceiveQueue: Number.POSITIVE_INFINITY }, ["maxReceiveQueue"]],
    ["an arbitrator that is a text", { placement, hostCount: 2, arbitrator: "web-0" }, ["arbitrator"]],
    [
        "an arbitrator of no name",
        { placement, hostCount: 2, arbitrator: { ...host("a"), name: "" } },
        ["arbitrator.name"],
    ],
    ["an arbitrator in a list", { placement, hostCount: 2, arbitrator: hosts("a") }, ["arbitrator"]],
    ["an argument of the other kind", { placement, maxLag: 5 }, ["maxLag"]],
    ["a name that no certificate takes", { placement }, ["name"], "db_main"],
];
refusesWrong(GaleraCluster, "db", wrong);
