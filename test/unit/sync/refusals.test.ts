import { FileSync } from "../../../src/index.ts";
import { host, peer, refuses, refusesWrong, type Told } from "../../support/refusals.ts";

const [a, b, c] = [host("a"), host("b"), host("c")];
const oneWay = { mode: "oneWay" as const, path: "/srv/pages", source: a, targets: [b, c] };
const periodic = { ...oneWay, mode: "periodic" as const };
const shared = { mode: "shared" as const, path: "/srv/media", hosts: [a, b, c] };
const twoWay = { mode: "twoWay" as const, path: "/srv/uploads", hosts: [a, b] };

refusesWrong(FileSync, "uploads", [
    ["nothing at all", {}, ["mode", "path"]],
    ["no source and no targets", { mode: "oneWay", path: "/srv/x" }, ["source", "targets"]],
    ["no hosts", { mode: "twoWay", path: "/srv/x" }, ["hosts"]],
    ["an unknown mode", { ...oneWay, mode: "mirror" }, ["mode"]],
    ["a relative path", { ...oneWay, path: "srv/x" }, ["path"]],
    ["a path with a step up", { ...oneWay, path: "/srv/../etc" }, ["path"]],
    ["no targets in the list", { ...oneWay, targets: [] }, ["targets"]],
    ["one host", { ...twoWay, hosts: [a] }, ["hosts"]],
    ["one host twice", { ...twoWay, hosts: [a, b, a] }, ["hosts[2].name"]],
    ["a target twice", { ...oneWay, targets: [b, b] }, ["targets[1].name"]],
    ["the source among its targets", { ...oneWay, targets: [b, a] }, ["targets[1]"]],
    [
        "the source among its targets under another name",
        { ...oneWay, targets: [host("x", { privateAddress: a.privateAddress })] },
        ["targets[0].privateAddress"],
    ],
    ["hosts for one way", { ...oneWay, hosts: [a] }, ["hosts"]],
    ["a source for two ways", { ...twoWay, source: a }, ["source"]],
    ["an interval for one way", { ...oneWay, every: "1min" }, ["every"]],
    ["a delay at an interval", { ...periodic, delay: 2 }, ["delay"]],
    ["a bound of deletions for two ways", { ...twoWay, maxDelete: 5 }, ["maxDelete"]],
    ["read-only for two ways", { ...twoWay, readOnly: true }, ["readOnly"]],
    ["a rule for conflicts for one way", { ...oneWay, conflicts: "newest" }, ["conflicts"]],
    ["an unknown rule for conflicts", { ...twoWay, conflicts: "oldest" }, ["conflicts"]],
    ["a preferred host that is none of them", { ...twoWay, conflicts: { prefer: c } }, ["conflicts.prefer"]],
    ["a centre that is none of them", { ...twoWay, centre: c }, ["centre"]],
    ["a delay of nothing", { ...oneWay, delay: 0 }, ["delay"]],
    ["an interval in words", { ...periodic, every: "a minute" }, ["every"]],
    ["an interval of a second", { ...periodic, every: "1s" }, ["every"]],
    ["an interval of a week", { ...periodic, every: "168h" }, ["every"]],
    ["fewer deletions than none", { ...oneWay, maxDelete: -1 }, ["maxDelete"]],
    ["a group of two words", { ...oneWay, group: "www data" }, ["group"]],
    ["an argument of another spelling", { ...twoWay, center: a }, ["center"]],
    ["a shared folder on two hosts", { ...shared, hosts: [a, b] }, ["hosts"]],
    ["a shared folder on three hosts and an arbiter", { ...shared, arbiter: host("d") }, ["hosts"]],
    ["an arbiter that has the files", { ...shared, hosts: [a, b], arbiter: b }, ["arbiter"]],
    ["an arbiter for two ways", { ...twoWay, arbiter: c }, ["arbiter"]],
    ["patterns for a shared folder", { ...shared, exclude: ["*.tmp"] }, ["exclude"]],
    ["a centre for a shared folder", { ...shared, centre: a }, ["centre"]],
    ["a shared folder by the name of all", shared, ["name"], "all"],
    ["a name with a line break", twoWay, ["name"], "up\nloads"],
]);

const HOSTS_OWN = [
    ...[
        "/",
        "/etc",
        "/etc/nginx",
        "/usr",
        "/usr/bin",
        "/usr/local",
        "/usr/local/bin",
        "/usr/lib/x",
        "/var",
        "/var/lib",
    ],
    ...[
        "/var/lib/mysql",
        "/var/lib/mysql/shop",
        "/var/log",
        "/var/log/nginx",
        "/home",
        "/home/me",
        "/home/me/site",
    ],
    ...[
        "/root/x",
        "/tmp/x",
        "/run/x",
        "/proc/1",
        "/opt",
        "/mnt",
        "/var/lib/evenkeel",
        "/var/lib/evenkeel/sync/uploads",
    ],
];
refusesWrong(
    FileSync,
    "uploads",
    HOSTS_OWN.map((path) => [`the folder ${path}`, { ...twoWay, path }, ["path"]]),
);

const wrongValues: Told[] = [
    [
        "lsyncd in both directions",
        () => new FileSync("x", { ...twoWay, mode: "lsyncd" as never }),
        [
            'mode: "lsyncd" is not a mode: use one of "oneWay", "periodic", "twoWay", "shared"; lsyncd in both directions loses writes, unison (twoWay) does not',
        ],
    ],
    [
        "what another mode has",
        () => new FileSync("x", { ...twoWay, delay: 1 }),
        ['delay: a twoWay sync has no `delay`: it is for "oneWay"'],
    ],
    [
        "a preferred host that is none of them",
        () => new FileSync("x", { ...twoWay, conflicts: { prefer: peer("c") as never } }),
        ['conflicts.prefer: "c" must be one of `hosts`'],
    ],
];

refuses(wrongValues);
