import { ReplicatedMySQL } from "../../../src/index.ts";
import { hosts, placement, refuses, refusesWrong, type Wrong } from "../../support/refusals.ts";

refuses([
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
            "suspectTimeout: 0.1 is not a number of seconds: give a number from 0.5 to 60",
            "maxLag: 1 is not a number of seconds: give a number from 2 to 86400",
            "slowQuerySeconds: 0 is not a number of seconds: give a number from 0.000001 to 31536000",
            "settings.server_id: is the cluster's own: it cannot be set",
            "settings.rpl_semi_sync_master_timeout: is the cluster's own: it cannot be set",
            "settings.skip_slave_start: is the cluster's own: it cannot be set",
            "hostCount: of 2 members, who is left cannot tell a dead primary from a parted network: use 3 or more",
        ],
    ],
]);

const wrong: Wrong[] = [
    ["lag without end", { placement, maxLag: Number.POSITIVE_INFINITY }, ["maxLag"]],
    ["NaN for the lag", { placement, maxLag: Number.NaN }, ["maxLag"]],
    [
        "slow queries without end",
        { placement, slowQuerySeconds: Number.POSITIVE_INFINITY },
        ["slowQuerySeconds"],
    ],
    ["slow queries of less than nothing", { placement, slowQuerySeconds: -1 }, ["slowQuerySeconds"]],
    ["NaN for the silence", { placement, suspectTimeout: Number.NaN }, ["suspectTimeout"]],
    ["null for the lag", { placement, maxLag: null }, ["maxLag"]],
    ["two hosts", { hosts: hosts("a", "b") }, ["hosts"]],
    ["a member that is called what all of them are", { hosts: hosts("db-rw", "b", "c") }, ["hosts[0].name"]],
    ["an argument of the other kind", { placement, arbitrator: hosts("a")[0] }, ["arbitrator"]],
    ["protection by a number", { placement, deletionProtection: 0 }, ["deletionProtection"]],
    ["a name with a quote", { placement }, ["name"], "db'"],
];
refusesWrong(ReplicatedMySQL, "db", wrong);
