import { host, hosts, peer } from "../hosts/arguments.ts";
import type { Host } from "../hosts/host.ts";
import { type Check, flag, listOf, number, object, oneOf, optional, type Rules } from "../hosts/shape.ts";
import { type Problem, quoted, when } from "../hosts/validation.ts";
import { type FileSyncArgs, SyncMode } from "./args.ts";
import { excludePattern, group, interval, syncPath } from "./checks.ts";
import { COPIES } from "./shared/settings.ts";

type Key = keyof FileSyncArgs & string;

/** Which arguments a mode has beside those that all have. */
const ARGUMENTS: Record<SyncMode, { needed: Key[]; possible: Key[] }> = {
    oneWay: { needed: ["source", "targets"], possible: ["exclude", "delay", "maxDelete", "readOnly"] },
    periodic: { needed: ["source", "targets"], possible: ["exclude", "every", "maxDelete", "readOnly"] },
    twoWay: { needed: ["hosts"], possible: ["exclude", "every", "conflicts", "centre"] },
    shared: { needed: ["hosts"], possible: ["arbiter"] },
};
const OF_MODES = [
    ...new Set(Object.values(ARGUMENTS).flatMap(({ needed, possible }) => [...needed, ...possible])),
];

const conflictRule = oneOf("a rule for conflicts", ["newest", "keepBoth"]);
const preferred = object<{ prefer: Host }>("`{ prefer: HOST }`", { prefer: peer });
const conflicts: Check = (at, value) =>
    typeof value === "object" && value !== null ? preferred(at, value) : conflictRule(at, value);

const mode: Check = (at, value) => {
    const problems = oneOf("a mode", Object.values(SyncMode))(at, value);
    const isNaive = typeof value === "string" && /lsync|both|bidi/i.test(value);
    return problems.map((problem) => ({
        ...problem,
        reason: `${problem.reason}${isNaive ? "; lsyncd in both directions loses writes, unison (twoWay) does not" : ""}`,
    }));
};

const rules: Rules<FileSyncArgs> = (args, sound, given) => {
    if (!sound("mode")) return [];
    return [...modeProblems(args.mode, given), ...hostProblems(args, sound)];
};

function modeProblems(mode: SyncMode, given: (key: Key) => boolean): Problem[] {
    const { needed, possible } = ARGUMENTS[mode];
    const others = OF_MODES.filter((key) => ![...needed, ...possible].includes(key));
    const having = (key: Key) =>
        Object.entries(ARGUMENTS).flatMap(([name, of]) =>
            [...of.needed, ...of.possible].includes(key) ? [`"${name}"`] : [],
        );
    return [
        ...needed.flatMap((key) => when(!given(key), key, `a ${mode} sync needs \`${key}\``)),
        ...others.flatMap((key) =>
            when(given(key), key, `a ${mode} sync has no \`${key}\`: it is for ${having(key).join(", ")}`),
        ),
    ];
}

function hostProblems(args: FileSyncArgs, sound: (...keys: Key[]) => boolean): Problem[] {
    const { source, targets = [], hosts: all, centre, conflicts, arbiter } = args;
    const isOneOf = (host: Host) => !all || all.some(({ name }) => name === host.name);
    const preferred = typeof conflicts === "object" ? conflicts.prefer : undefined;
    return [
        ...(sound("source", "targets") && source ? sourceProblems(source, targets) : []),
        ...(sound("hosts", "arbiter") && args.mode === SyncMode.Shared && all
            ? voteProblems(all, arbiter)
            : []),
        ...when(
            sound("hosts") && args.mode === SyncMode.TwoWay && all?.length === 1,
            "hosts",
            "one host has nobody to exchange files with: give two or more",
        ),
        ...when(
            sound("hosts", "centre") && !!centre && !isOneOf(centre),
            "centre",
            `${quoted(centre?.name)} must be one of \`hosts\``,
        ),
        ...when(
            sound("hosts", "conflicts") && !!preferred && !isOneOf(preferred),
            "conflicts.prefer",
            `${quoted(preferred?.name)} must be one of \`hosts\``,
        ),
    ];
}

/** More than half of three has to be there for a write: any one may die, and two halves never go on by themselves. */
function voteProblems(hosts: Host[], arbiter: Host | undefined): Problem[] {
    const wanted = arbiter ? COPIES.withArbiter : COPIES.alone;
    return [
        ...when(
            hosts.length !== wanted,
            "hosts",
            arbiter
                ? `a shared folder with an arbiter is on ${wanted} hosts, and not on ${hosts.length}`
                : `a shared folder is on ${wanted} hosts, or on ${COPIES.withArbiter} and an \`arbiter\`, and not on ${hosts.length}`,
        ),
        ...when(
            !!arbiter && hosts.some(({ name }) => name === arbiter.name),
            "arbiter",
            `${quoted(arbiter?.name)} is one of \`hosts\` already: an arbiter is another one, such as a balancer`,
        ),
    ];
}

function sourceProblems(source: Host, targets: Host[]): Problem[] {
    const { name, privateAddress } = source;
    return targets.flatMap((target, i) => [
        ...when(
            target.name === name,
            `targets[${i}]`,
            `"${name}" is the source: a host is no target of itself`,
        ),
        ...when(
            target.name !== name &&
                typeof privateAddress === "string" &&
                target.privateAddress === privateAddress,
            `targets[${i}].privateAddress`,
            `${quoted(privateAddress)} is that of the source "${name}" already`,
        ),
    ]);
}

/** What can be wrong with a `FileSync`. */
export const fileSyncArguments = object<FileSyncArgs>(
    "a `FileSyncArgs`",
    {
        mode,
        path: syncPath,
        source: optional(host),
        targets: optional(hosts),
        hosts: optional(hosts),
        exclude: optional(listOf("patterns of names", excludePattern)),
        delay: optional(number("a number of seconds", { from: 1, to: 3600 })),
        every: optional(interval),
        maxDelete: optional(number("a number of files", { from: 0, to: 1_000_000_000 })),
        readOnly: optional(flag),
        conflicts: optional(conflicts),
        centre: optional(peer),
        arbiter: optional(host),
        group: optional(group),
    },
    rules,
);
