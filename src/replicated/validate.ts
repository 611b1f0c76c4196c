import { hostsRules, hostsShape } from "../hosts/arguments.ts";
import { type Check, flag, number, object, optional } from "../hosts/shape.ts";
import { when } from "../hosts/validation.ts";
import { aliasProblems } from "../member/arguments.ts";
import { settingsOf } from "../member/settings.ts";
import type { ReplicatedMySQLArgs } from "./args.ts";
import { VOTERS } from "./role.ts";
import { serverIdProblems } from "./serverId.ts";

/** What the cluster stands on: who it listens to, TLS, where its data lies, how rows travel and who may write them. */
const FIXED = {
    families: ["gtid", "rpl_semi_sync", "ssl"],
    names: [
        ...["init_rpl_role", "log_bin", "log_slave_updates", "read_only", "relay_log", "relay_log_recovery"],
        ...["server_id", "skip_slave_start", "slave_net_timeout", "sync_binlog"],
    ],
};

const DAY_S = 86_400;
const seconds = (from: number, to: number) =>
    optional(number("a number of seconds", { from, to, kind: "any" }));

/** What can be wrong with the `ReplicatedMySQL` of this name. */
export const replicatedArguments = (name: string): Check =>
    object<ReplicatedMySQLArgs>(
        "a `ReplicatedMySQLArgs`",
        {
            ...hostsShape,
            suspectTimeout: seconds(0.5, 60),
            // The primary writes its heartbeat once a second.
            maxLag: seconds(2, DAY_S),
            // MariaDB's own resolution, and its maximum of a year.
            slowQuerySeconds: seconds(0.000001, 365 * DAY_S),
            settings: optional(settingsOf(FIXED)),
            deletionProtection: optional(flag),
        },
        (args, sound, given) => {
            const { hosts, hostCount } = args;
            const size = hosts?.length ?? hostCount ?? VOTERS;
            const which = hosts ? "hosts" : "hostCount";
            return [
                ...hostsRules(args, sound, given),
                ...when(
                    sound(which) && size < VOTERS,
                    which,
                    `of ${size} members, who is left cannot tell a dead primary from a parted network: use ${VOTERS} or more`,
                ),
                ...(sound("hosts") ? aliasProblems("hosts", hosts ?? [], name) : []),
                ...(sound("hosts")
                    ? serverIdProblems(
                          "hosts",
                          (hosts ?? []).map((host) => host.name),
                      )
                    : []),
            ];
        },
    );
