import * as pulumi from "@pulumi/pulumi";
import { WebPool, type WebPoolArgs } from "../../../src/index.ts";
import { hosts, placement, refuses, refusesWrong } from "../../support/refusals.ts";

const release = { folder: "examples/flagship" };
const two = { placement, hostCount: 2, release };
const a = { name: "a", hosts: ["web-0"] };
const b = { name: "b", hosts: ["web-1"] };
const pool = (args: Partial<WebPoolArgs>) => () => new WebPool("web", { ...two, ...args });

refuses([
    [
        "a gate without groups",
        pool({ gate: {} }),
        ["gate: it judges groups: give `groups`, one of all hosts if there is to be no other"],
    ],
    [
        "limits that are none",
        pool({ groups: [a, b], gate: { errors: 101, latency: 0, seconds: 1, requests: 0.5 } }),
        [
            "gate.errors: 101 is not a percentage of requests: give a number from 0 to 100",
            "gate.latency: 0 is not a number of milliseconds: give a whole number from 1 to 60000",
            "gate.seconds: 1 is not a number of seconds: give a whole number from 5 to 3600",
            "gate.requests: 0.5 is not a number of requests: give a whole number from 1 to 100000",
        ],
    ],
    [
        "a host in no group, and one of nobody in one",
        pool({ groups: [a, { name: "b", hosts: ["web-2"] }] }),
        [
            'groups[1].hosts[0]: the pool has no host "web-2": did you mean "web-0"?',
            'groups: the host "web-1" is in none of them: put it into one',
        ],
    ],
    [
        "hosts of another pool",
        pool({ groups: [a, b, { name: "c", hosts: ["database-7"] }] }),
        ['groups[2].hosts[0]: the pool has no host "database-7": there are web-0, web-1'],
    ],
    [
        "hosts of one's own that are in no group",
        () => new WebPool("web", { hosts: hosts("x", "y"), release, groups: [{ name: "a", hosts: ["x"] }] }),
        ['groups: the host "y" is in none of them: put it into one'],
    ],
    [
        "a host in two groups, and one twice in one",
        pool({
            groups: [a, { name: "b", hosts: ["web-1", "web-0"] }, { name: "c", hosts: ["web-3", "web-3"] }],
        }),
        ['groups[2].hosts[1]: "web-3" is in the list already'],
    ],
    [
        "a host in two groups",
        pool({ groups: [a, { name: "b", hosts: ["web-1", "web-0"] }] }),
        ['groups[1].hosts[1]: "web-0" is in the group "a" already'],
    ],
    [
        "two groups of one name, and one that cannot be a name",
        pool({ groups: [a, { ...b, name: "a" }] }),
        ['groups[1].name: "a" is another group\'s name, too'],
    ],
    [
        "a group of a name with a space",
        pool({ groups: [a, { ...b, name: "group b" }] }),
        [
            'groups[1].name: "group b" is not the name of a group: use lower-case letters, digits and hyphens, a letter first, 40 at most',
        ],
    ],
    [
        "a group of no hosts, and no groups",
        () => [pool({ groups: [{ name: "a", hosts: [] }] })()],
        ["groups[0].hosts: the list is empty: give names of hosts of the pool"],
    ],
    ["no groups", pool({ groups: [] }), ["groups: the list is empty: give groups of hosts"]],
    [
        "a group without a release",
        () => new WebPool("web", { placement, groups: [{ ...a, release }, b] }),
        ["groups[1].release: it has none, and there is none of the pool: give one of them"],
    ],
    [
        "groups of plain files",
        () => new WebPool("web", { placement, folder: "docs", groups: [a, b] }),
        ["folder: groups are upgraded by their releases: give `release`"],
    ],
    [
        "settings of a group for a PHP that is not there",
        pool({ groups: [{ ...a, phpWorkers: 3, phpSettings: { precision: 3 } }, b] }),
        [
            "groups[0].phpWorkers: there is no PHP: give php: true",
            "groups[0].phpSettings: there is no PHP: give php: true",
        ],
    ],
    [
        "releases that are none, each where the program has it",
        pool({
            php: true,
            writable: ["pages/up"],
            release: { folder: "gone" },
            groups: [
                { ...a, release: { folder: "examples/flagship", public: "nowhere" } },
                { ...b, files: { "pages/up/a.php": "" } },
            ],
        }),
        [
            'groups[0].release.public: the release has no folder "nowhere"',
            `release.folder: there is no folder "gone" (from ${process.cwd()})`,
            'writable: "pages/up" holds "pages/up/a.php", which `up` brings: PHP could change it',
        ],
    ],
    [
        "what several groups have in common, once",
        pool({ release: { folder: "gone" }, groups: [a, b] }),
        [`release.folder: there is no folder "gone" (from ${process.cwd()})`],
    ],
]);

refusesWrong(WebPool, "web", [
    ["groups in an object", { ...two, groups: { a } }, ["groups"]],
    ["a group by its name", { ...two, groups: ["a"] }, ["groups[0]"]],
    ["a group that is null", { ...two, groups: [null, b] }, ["groups[0]"]],
    [
        "hosts themselves in place of names",
        { ...two, groups: [{ name: "a", hosts: hosts("x") }] },
        ["groups[0].hosts[0]"],
    ],
    ["a group's port", { ...two, groups: [{ ...a, port: 81 }, b] }, ["groups[0].port"]],
    ["a group's output", { ...two, groups: pulumi.output([a, b]) }, ["groups"]],
    ["a gate by a number", { ...two, groups: [a, b], gate: 1 }, ["gate"]],
    [
        "a gate of a limit of nobody",
        { ...two, groups: [a, b], gate: { percentile: 99 } },
        ["gate.percentile"],
    ],
    [
        "a release of a group by its path",
        { ...two, groups: [{ ...a, release: "app" }, b] },
        ["groups[0].release"],
    ],
    ["hosts by a number that is none", { ...two, hostCount: 0, groups: [a, b] }, ["hostCount"]],
]);
