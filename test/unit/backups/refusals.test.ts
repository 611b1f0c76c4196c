import * as pulumi from "@pulumi/pulumi";
import { DatabaseBackups } from "../../../src/index.ts";
import { endpoint, host, hosts, refuses, refusesWrong, type Wrong } from "../../support/refusals.ts";

const folder = { host: host("nas"), folder: "/srv/backups" };
const bucket = {
    bucket: "shop-backups",
    endpoint: "https://objects.example.com",
    accessKey: "key",
    secretKey: pulumi.secret("secret"),
};
const backups = { servers: hosts("a"), endpoint: endpoint("a"), to: folder };

refuses([
    [
        "everything wrong with backups to a folder",
        () =>
            new DatabaseBackups("backups-of-rather-many-letters", {
                ...backups,
                servers: [],
                to: { host: host("a"), folder: "srv/../backups" },
                keep: 0,
                schedule: "daily\nhourly",
            }),
        [
            "servers: the list is empty: give a component's `hosts`, or a list of hosts",
            'to.folder: "srv/../backups" is not a folder that a host has room for such things in: write it as /srv/shop, below none of the system\'s own folders',
            'schedule: "daily\\nhourly" is not a calendar event: write it as systemd\'s OnCalendar has it, such as "*-*-* 02:30" or "Sat 03:00"',
            "keep: 0 is not a number of backups: give a whole number from 1 to 10000",
        ],
    ],
    [
        "a name that no account can have",
        () => new DatabaseBackups("backups-of-rather-many-letters", backups),
        [
            'name: "backups-of-rather-many-letters" is no part of a user\'s name: with a folder, use 24 letters at most',
        ],
    ],
    [
        "everything wrong with backups to a bucket",
        () =>
            new DatabaseBackups("backups", {
                ...backups,
                to: {
                    bucket: "B",
                    endpoint: "objects.example.com",
                    prefix: "/x",
                    accessKey: "",
                    secretKey: "",
                },
            }),
        [
            'to.bucket: "B" is not the name of a bucket: use lower-case letters, digits, . and -, 3 to 63',
            'to.endpoint: "objects.example.com" is not an address: write it as https://objects.example.com',
            "to.accessKey: is not a key of the storage: one word",
            "to.secretKey: is not a key of the storage: one word",
            'to.prefix: "/x" is not a path in a bucket: no / at its ends',
        ],
    ],
]);

const to = (change: object) => ({ ...backups, to: { ...bucket, ...change } });
const wrong: Wrong[] = [
    ["nowhere to go", { ...backups, to: undefined }, ["to"]],
    ["a text for the place", { ...backups, to: "/srv/backups" }, ["to"]],
    [
        "a place of neither kind",
        { ...backups, to: {} },
        ["to.bucket", "to.endpoint", "to.accessKey", "to.secretKey"],
    ],
    ["a folder of no host", { ...backups, to: { folder: "/srv/backups" } }, ["to.host"]],
    ["a folder of both kinds", { ...backups, to: { ...folder, bucket: "x" } }, ["to.bucket"]],
    ["the system's folder", { ...backups, to: { ...folder, folder: "/run/backups" } }, ["to.folder"]],
    ["a host that is a text", { ...backups, to: { ...folder, host: "nas" } }, ["to.host"]],
    ["a bucket with two dots", to({ bucket: "a..b" }), ["to.bucket"]],
    ["an address with a path", to({ endpoint: "https://x.example/bucket" }), ["to.endpoint"]],
    ["an access key of two lines", to({ accessKey: "a\nregion = x" }), ["to.accessKey"]],
    ["a prefix with a relative part", to({ prefix: "a/../b" }), ["to.prefix"]],
    ["a region with a space", to({ region: "fra 1" }), ["to.region"]],
    ["a schedule in words", { ...backups, schedule: "every night" }, ["schedule"]],
    ["an empty schedule", { ...backups, schedule: "" }, ["schedule"]],
    ["a schedule that is a number", { ...backups, schedule: 3 }, ["schedule"]],
    ["backups without end", { ...backups, keep: Number.POSITIVE_INFINITY }, ["keep"]],
    ["NaN backups", { ...backups, keep: Number.NaN }, ["keep"]],
    ["compression by a text", { ...backups, compress: "zstd" }, ["compress"]],
    ["protection by a text", { ...backups, deletionProtection: "no" }, ["deletionProtection"]],
    ["an argument of another spelling", { ...backups, scheduled: "daily" }, ["scheduled"]],
    ["no endpoint", { ...backups, endpoint: undefined }, ["endpoint"]],
    ["a name with a space", backups, ["name"], "back ups"],
];
refusesWrong(DatabaseBackups, "backups", wrong);
