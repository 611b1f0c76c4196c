import { aloneRules, host, hostsRules, hostsShape } from "../hosts/arguments.ts";
import type { Host } from "../hosts/host.ts";
import { type Check, flag, number, object, optional, text } from "../hosts/shape.ts";
import { when } from "../hosts/validation.ts";
import { aliasProblems } from "../member/arguments.ts";
import { settingsOf } from "../member/settings.ts";
import type { GaleraClusterArgs } from "./args.ts";

export const DEFAULT_MEMBERS = 3;

const VERSION = /^10\.11\.\d{1,3}(-[\w.+~]{1,60})?$/;
const HOW = "write it as 10.11.19, or with Debian's part as 10.11.19-0+deb12u1";

/** What the cluster stands on: who it listens to, TLS, where its data lies, how rows travel. */
const FIXED = { families: ["wsrep", "ssl"], names: ["innodb_autoinc_lock_mode", "read_only"] };

/** What can be wrong with the `GaleraCluster` of this name. */
export const galeraArguments = (name: string): Check =>
    object<GaleraClusterArgs>(
        "a `GaleraClusterArgs`",
        {
            ...hostsShape,
            arbitrator: optional(host),
            suspectTimeout: optional(number("a number of seconds", { from: 0.5, to: 30, kind: "any" })),
            settings: optional(settingsOf(FIXED)),
            version: optional(text("a version of MariaDB 10.11, Debian 12's", VERSION, HOW)),
            recoverWithMajority: optional(flag),
            deletionProtection: optional(flag),
            singlePointOfFailure: optional(flag),
            maxReceiveQueue: optional(number("a number of writes", { from: 1, to: 1_000_000 })),
        },
        (args, sound, given) => {
            const { hosts, hostCount, arbitrator, singlePointOfFailure } = args;
            const which = hosts ? "hosts" : "hostCount";
            const isKnown = sound(which, "arbitrator");
            const size = hosts?.length ?? hostCount ?? DEFAULT_MEMBERS;
            return [
                ...hostsRules(args, sound, given),
                ...(sound(which, "singlePointOfFailure")
                    ? aloneRules({
                          one: "one database host",
                          instead: "three",
                          at: which,
                          size,
                          isMeant: !!singlePointOfFailure,
                      })
                    : []),
                ...when(
                    isKnown && size % 2 === 0 && !arbitrator,
                    which,
                    `of ${size} members, the half that a parted network leaves has no majority: use an odd number, or give an \`arbitrator\``,
                ),
                ...when(
                    isKnown && size % 2 === 1 && !!arbitrator,
                    "arbitrator",
                    `with ${size} members it would make the number of votes even: leave it out, or use an even number of members`,
                ),
                ...when(
                    isKnown && !!arbitrator && !!hosts?.some((host) => isSame(host, arbitrator)),
                    "arbitrator",
                    "is a member itself: its vote would go with the member",
                ),
                ...(sound("hosts") ? aliasProblems("hosts", hosts ?? [], name) : []),
            ];
        },
    );

const isSame = (one: Host, other: Host) =>
    one.name === other.name ||
    (typeof one.privateAddress === "string" && one.privateAddress === other.privateAddress);
