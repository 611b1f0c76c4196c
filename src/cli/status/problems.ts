import type { Asked } from "./ask.ts";
import type { HostStatus, RoleStatus, UnitStatus } from "./hostStatus.ts";

/** Of a disk or the memory; with less free somebody should look. */
const LOW = 0.05;
/** Whoever renews certificates has failed by then. */
const CERTIFICATE_DAYS = 14;
const DAY = 86_400;

/** What is not well with a host, a line each: by these the exit code goes. */
export function problemsOf(asked: Asked): string[] {
    if ("silence" in asked) return [asked.silence];
    const { host, status } = asked;
    const failed = status.failed.filter((unit) => !unitsOf(status).has(unit));
    return [
        ...Object.entries(host.roles).flatMap(([role, text]) => deployedProblems(status, role, text)),
        ...status.roles.flatMap(roleProblems),
        ...changedFiles(status.roles),
        ...failed.map((unit) => `${unit} has failed`),
        ...roomProblems(status),
        ...certificateProblems(status),
    ];
}

/** What somebody may want to know though the host is well. */
export function remarksOf(asked: Asked): string[] {
    if ("silence" in asked) return [];
    const { host, status } = asked;
    const strange = status.roles.filter(({ name }) => !(name in host.roles));
    return [
        ...status.restarts.reboot.map((why) => `waits for a reboot: ${why}`),
        ...status.restarts.units.map(
            (unit) => `${unit} waits for a restart: it runs what was upgraded since`,
        ),
        ...strange.map(({ name }) => `the role ${name} is not of this stack`),
        ...(status.busy ? ["a role is being applied now"] : []),
    ];
}

const unitsOf = ({ roles }: HostStatus) =>
    new Set(roles.flatMap(({ units }) => units.map(({ name }) => name)));

function deployedProblems({ roles }: HostStatus, name: string, text: string): string[] {
    const role = roles.find((each) => each.name === name);
    if (!role) return [`the role ${name} is not there`];
    return role.text === text ? [] : [`the role ${name} is another one than the stack has applied`];
}

function roleProblems(role: RoleStatus): string[] {
    return [
        ...(role.unfinished ? [`the last change of ${role.name} was cut off`] : []),
        ...role.units
            .filter(isDown)
            .map((unit) => `${unit.name} is ${unit.active || "unknown"} (${role.name})`),
        ...role.reports
            .filter(({ good }) => !good)
            .map(({ what, says }) => `${what} of ${role.name}: ${says || "not well"}`),
    ];
}

/** What only others start is not missed; nor what has done its work at an `up`, after a boot. */
export function isDown({ runs, type, active, file, unmet }: UnitStatus): boolean {
    if (active === "failed") return true;
    if (!runs || unmet || ["active", "reloading", "refreshing"].includes(active)) return false;
    return !(type === "oneshot" && (active === "activating" || file === "static"));
}

/** A file that several roles have is told once. */
function changedFiles(roles: RoleStatus[]): string[] {
    const told = (list: "edited" | "missing", words: (of: string) => string) => {
        const paths = new Set(roles.flatMap((role) => role[list]));
        return [...paths].map((path) => {
            const owners = roles.filter((role) => role[list].includes(path)).map(({ name }) => name);
            return `${path} ${words(owners.join(", "))}`;
        });
    };
    return [
        ...told("edited", (of) => `is not as ${of} has it`),
        ...told("missing", (of) => `of ${of} is missing`),
    ];
}

function certificateProblems({ certificates, now }: HostStatus): string[] {
    return certificates
        .map(({ path, ends }) => ({ path, days: Math.floor((ends - now) / DAY) }))
        .filter(({ days }) => days < CERTIFICATE_DAYS)
        .map(({ path, days }) => `${path} ${days < 0 ? "has expired" : `expires in ${days} days`}`);
}

function roomProblems({ disks, memory }: HostStatus): string[] {
    return [
        ...disks
            .filter(({ free, size }) => free < LOW * size)
            .map(({ mount, free, size }) => `only ${bytes(free)} of ${bytes(size)} are free on ${mount}`),
        ...disks
            .filter(({ freeInodes, inodes }) => freeInodes < LOW * inodes)
            .map(({ mount, freeInodes }) => `${mount} takes only ${freeInodes} more files`),
        ...(memory && memory.free < LOW * memory.total
            ? [`only ${bytes(memory.free)} of ${bytes(memory.total)} of memory are free`]
            : []),
    ];
}

const UNITS = ["B", "kB", "MB", "GB", "TB"];

export function bytes(count: number): string {
    const power = Math.min(Math.floor(Math.log10(Math.max(count, 1)) / 3), UNITS.length - 1);
    const amount = count / 1000 ** power;
    return `${amount.toFixed(amount < 10 && power > 0 ? 1 : 0)} ${UNITS[power]}`;
}
