import type { Entry } from "./manifest.ts";

/** What stands in place of a secret's checksum, from which a short one could be guessed. */
const UNTOLD = "secret";

/** The files of a component as its inputs record them: a line each, checksum and path, as sha256sum writes them. */
export function recordedFiles(entries: Pick<Entry, "path" | "sha256" | "kind">[]): string {
    return entries
        .map(({ path, sha256, kind }) => `${kind === "secret" ? UNTOLD : sha256}  ${path}\n`)
        .sort((a, b) => (pathIn(a) < pathIn(b) ? -1 : 1))
        .join("");
}

const pathIn = (line: string) => line.slice(line.indexOf("  ") + 2);

export interface Changes {
    added: string[];
    changed: string[];
    removed: string[];
    unchanged: number;
}

/** Between two such lists. */
export function changesBetween(before: string, after: string): Changes {
    const [old, now] = [byPath(before), byPath(after)];
    const kept = [...now.keys()].filter((path) => old.has(path));
    const changed = kept.filter((path) => old.get(path) !== now.get(path));
    return {
        added: [...now.keys()].filter((path) => !old.has(path)),
        changed,
        removed: [...old.keys()].filter((path) => !now.has(path)),
        unchanged: kept.length - changed.length,
    };
}

function byPath(text: string): Map<string, string> {
    const lines = text.split("\n").filter((line) => line !== "");
    return new Map(lines.map((line) => [pathIn(line), line.slice(0, line.indexOf("  "))]));
}

/** How many names of each kind a reviewer reads one by one. */
const SHOWN = 20;

/** The changes for a reader: all of them when they are few, else the first ones and how many more are in which folder. */
export function described({ added, changed, removed, unchanged }: Changes): string {
    const counts = [
        `${count(added.length)} added`,
        `${count(changed.length)} changed`,
        `${count(removed.length)} removed`,
        `${count(unchanged)} as before`,
    ];
    const lines = [named("+", added), named("~", changed), named("-", removed)].flat();
    return [counts.join(", "), ...lines].join("\n");
}

/** In words what differs between two lists, if anything does; without a former one the files are counted. */
export function told(before: string | undefined, after: string): string | undefined {
    if (before === after) return undefined;
    if (before !== undefined) return `files: ${described(changesBetween(before, after))}`;
    return `${count(after.split("\n").length - 1)} files`;
}

/** In words which release it is, if that is news. */
export function toldRelease(before: string | undefined, after: string | undefined): string | undefined {
    if (after === undefined || after === before) return undefined;
    return `release ${after}${before === undefined ? "" : `, before it ${before}`}`;
}

function named(sign: string, paths: string[]): string[] {
    const rest = Map.groupBy(paths.slice(SHOWN), (path) => path.split("/").slice(0, -1)[0] ?? ".");
    const folders = [...rest].map(([folder, inside]) => ({ folder, size: inside.length }));
    const most = folders.sort((a, b) => b.size - a.size).slice(0, SHOWN);
    const told = most.map(({ folder, size }) => `${count(size)} in ${folder}/`).join(", ");
    const others = folders.length - most.length;
    return [
        ...paths.slice(0, SHOWN).map((path) => `  ${sign} ${path}`),
        ...(most.length === 0
            ? []
            : [`  ${sign} and ${told}${others > 0 ? `, more in ${count(others)} other folders` : ""}`]),
    ];
}

export const count = (number: number): string => number.toLocaleString("en");

/** Such as "200.0 MB". */
export function bytes(size: number): string {
    const units = ["B", "kB", "MB", "GB"];
    let [value, unit] = [size, 0];
    for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000;
    return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
