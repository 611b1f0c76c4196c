import { rendered } from "../table.ts";
import type { Asked } from "./ask.ts";
import type { HostStatus, RoleStatus } from "./hostStatus.ts";
import { bytes, isDown, problemsOf, remarksOf } from "./problems.ts";

const [MINUTE, HOUR, DAY] = [60, 3600, 86_400];

/** Everything that the hosts of a stack say, for people. */
export function told(all: Asked[]): string {
    const lines = (title: string, of: (asked: Asked) => string[]) => {
        // Why a host says nothing begins with its name.
        const found = all.flatMap((asked) =>
            of(asked).map((line) => ("silence" in asked ? line : `${asked.host.name}: ${line}`)),
        );
        return found.length > 0 ? [`${title}:\n${found.map((line) => `  ${line}`).join("\n")}`] : [];
    };
    const reports = reportRows(all);
    return [
        rendered([["host", "state", "up", "disk free", "memory free", "certificates"], ...all.map(hostRow)]),
        rendered([["host", "role", "since (UTC)", "units", "files", "runs"], ...all.flatMap(roleRows)]),
        ...(reports.length > 0 ? [rendered([["role", "reports", "", "as told by"], ...reports])] : []),
        ...lines("to know", remarksOf),
        ...lines("not well", problemsOf),
    ].join("\n\n");
}

function hostRow(asked: Asked): string[] {
    const { name } = asked.host;
    if ("silence" in asked) return [name, "does not answer", "", "", "", ""];
    const { status } = asked;
    const count = problemsOf(asked).length;
    return [
        name,
        count === 0 ? "well" : `${count} ${count === 1 ? "problem" : "problems"}`,
        status.booted === null ? "" : duration(status.now - status.booted),
        diskFree(status),
        status.memory ? share(status.memory.free, status.memory.total) : "",
        certificateDays(status),
    ];
}

/** The fullest one. */
function diskFree({ disks }: HostStatus): string {
    const [fullest] = disks.toSorted((one, other) => one.free / one.size - other.free / other.size);
    if (!fullest) return "";
    return `${share(fullest.free, fullest.size)}${fullest.mount === "/" ? "" : ` on ${fullest.mount}`}`;
}

function certificateDays({ certificates, now }: HostStatus): string {
    if (certificates.length === 0) return "";
    return `${Math.floor((Math.min(...certificates.map(({ ends }) => ends)) - now) / DAY)} days`;
}

function roleRows(asked: Asked): string[][] {
    if ("silence" in asked) return [];
    return asked.status.roles.map((role) => [
        asked.host.name,
        role.name,
        role.since === null ? "" : new Date(role.since * 1000).toISOString().slice(0, 16).replace("T", " "),
        unitCount(role),
        fileCount(role),
        versions(role),
    ]);
}

function unitCount({ units }: RoleStatus): string {
    const meant = units.filter((unit) => (unit.runs && !unit.unmet) || isDown(unit));
    if (meant.length === 0) return "";
    return `${meant.length - meant.filter(isDown).length} of ${meant.length}`;
}

function fileCount({ files, edited, missing }: RoleStatus): string {
    const changed = [
        ...(edited.length > 0 ? [`${edited.length} edited`] : []),
        ...(missing.length > 0 ? [`${missing.length} missing`] : []),
    ];
    return changed.length > 0 ? changed.join(", ") : String(files);
}

function versions({ units }: RoleStatus): string {
    const found = units.flatMap((unit) => (unit.package ? [unit.package] : []));
    return [...new Set(found.map(({ name, version }) => `${name} ${version}`))].join(", ");
}

/** What several hosts say alike is one line. */
function reportRows(all: Asked[]): string[][] {
    const hosts = new Map<string, string[]>();
    for (const asked of all) {
        if ("silence" in asked) continue;
        for (const { name, reports } of asked.status.roles)
            for (const { what, says, good } of reports) {
                const line = [name, what, good ? says : `not well: ${says}`].join("\t");
                hosts.set(line, [...(hosts.get(line) ?? []), asked.host.name]);
            }
    }
    return [...hosts].map(([line, names]) => [...line.split("\t"), names.join(", ")]).sort();
}

const share = (free: number, total: number) =>
    `${bytes(free)} (${total > 0 ? Math.round((100 * free) / total) : 0} %)`;

function duration(seconds: number): string {
    if (seconds >= 2 * DAY) return `${Math.floor(seconds / DAY)} days`;
    if (seconds >= 2 * HOUR) return `${Math.floor(seconds / HOUR)} h`;
    return `${Math.max(Math.floor(seconds / MINUTE), 0)} min`;
}
