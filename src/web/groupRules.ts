import { hostNames } from "../hosts/hosts.ts";
import { nearest } from "../hosts/nearest.ts";
import {
    number,
    type OptionalCheck,
    object,
    optional,
    type Rules,
    type Shape,
    someOf,
    text,
} from "../hosts/shape.ts";
import { type Problem, quoted, when } from "../hosts/validation.ts";
import type { Gate, PoolGroup, WebPoolArgs } from "./args.ts";

type Settings = Omit<Shape<PoolGroup>, "name" | "hosts">;

/** Groups of hosts, with what a group may have for itself. */
export const poolGroups = (settings: Settings): OptionalCheck =>
    optional(
        someOf<PoolGroup>(
            "groups of hosts",
            object<PoolGroup>("a `PoolGroup`", { name: groupName, hosts: groupHosts, ...settings }),
            (groups, at) => [...sameNames(groups, at), ...inTwoGroups(groups, at)],
        ),
    );

const groupName = text(
    "the name of a group",
    (name) => /^[a-z]([a-z0-9-]*[a-z0-9])?$/.test(name) && name.length <= 40,
    "use lower-case letters, digits and hyphens, a letter first, 40 at most",
);

const groupHosts = someOf<string>(
    "names of hosts of the pool",
    text("the name of a host", (name) => name !== "", 'write it as "web-0"'),
    (hosts, at) =>
        hosts.flatMap((host, i) =>
            when(hosts.indexOf(host) < i, `${at}[${i}]`, `${quoted(host)} is in the list already`),
        ),
);

const sameNames = (groups: PoolGroup[], at: string): Problem[] =>
    groups.flatMap(({ name }, i) =>
        when(
            groups.findIndex((other) => other.name === name) < i,
            `${at}[${i}].name`,
            `${quoted(name)} is another group's name, too`,
        ),
    );

const inTwoGroups = (groups: PoolGroup[], at: string): Problem[] =>
    groups.flatMap(({ hosts }, i) =>
        hosts.flatMap((host, j) => {
            const first = groups.slice(0, i).find((other) => other.hosts.includes(host));
            const reason = `${quoted(host)} is in the group ${quoted(first?.name)} already`;
            return when(first !== undefined, `${at}[${i}].hosts[${j}]`, reason);
        }),
    );

export const gate = object<Gate>("a `Gate`", {
    errors: optional(number("a percentage of requests", { from: 0, to: 100, kind: "any" })),
    latency: optional(number("a number of milliseconds", { from: 1, to: 60_000 })),
    seconds: optional(number("a number of seconds", { from: 5, to: 3600 })),
    requests: optional(number("a number of requests", { from: 1, to: 100_000 })),
});

const ofPhp = ["phpWorkers", "phpMemoryLimit", "phpSettings"] as const;

/** How groups and the pool's other arguments go together. */
export const groupRules: Rules<WebPoolArgs> = ({ groups = [], php }, sound, given) => {
    const each = sound("groups") ? groups : [];
    return [
        ...when(
            given("gate") && !given("groups"),
            "gate",
            "it judges groups: give `groups`, one of all hosts if there is to be no other",
        ),
        ...when(
            given("groups") && given("folder"),
            "folder",
            "groups are upgraded by their releases: give `release`",
        ),
        ...each.flatMap((group, i) => [
            ...when(
                group.release === undefined && !given("release") && !given("folder"),
                `groups[${i}].release`,
                "it has none, and there is none of the pool: give one of them",
            ),
            ...ofPhp.flatMap((key) =>
                when(
                    sound("php") && group[key] !== undefined && !php,
                    `groups[${i}].${key}`,
                    "there is no PHP: give php: true",
                ),
            ),
        ]),
    ];
};

/** Every host of the pool is in a group, and no other host is. */
export function groupHostProblems(name: string, args: WebPoolArgs): Problem[] {
    if (!args.groups) return [];
    const there = hostNames(name, args);
    const grouped = args.groups.flatMap(({ hosts }) => hosts);
    return [
        ...args.groups.flatMap(({ hosts }, i) =>
            hosts.flatMap((host, j) => {
                const meant = nearest(host, there);
                const hint =
                    meant === undefined ? `there are ${there.join(", ")}` : `did you mean ${quoted(meant)}?`;
                const reason = `the pool has no host ${quoted(host)}: ${hint}`;
                return when(!there.includes(host), `groups[${i}].hosts[${j}]`, reason);
            }),
        ),
        ...there.flatMap((host) =>
            when(
                !grouped.includes(host),
                "groups",
                `the host ${quoted(host)} is in none of them: put it into one`,
            ),
        ),
    ];
}
