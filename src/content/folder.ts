import { createHash } from "node:crypto";
import {
    closeSync,
    lstatSync,
    openSync,
    readdirSync,
    readSync,
    realpathSync,
    type Stats,
    statSync,
} from "node:fs";
import { isAbsolute, join, relative, resolve, sep } from "node:path";

/** A file of a folder. */
export interface FolderFile {
    /** Path below the folder, with forward slashes. */
    path: string;
    sha256: string;
    /** In bytes. */
    size: number;
    /** Where it is on this machine. */
    source: string;
}

export interface LeftOut {
    path: string;
    why: string;
}

export interface Folder {
    /** In stable order. */
    files: FolderFile[];
    leftOut: LeftOut[];
    /** What makes it unfit, in words. */
    problems: string[];
}

/** What a mistaken folder holds, such as a home; as many names as this are in the stack's state and on each host. */
const MAX_FILES = 100_000;

/** Every file of a folder, which may be relative to another, read once. Hidden ones are left out except `.well-known`, and so are links that lead out of it. */
export function readFolder(folder: string, from = process.cwd()): Folder {
    const unfit = (problem: string): Folder => ({ files: [], leftOut: [], problems: [problem] });
    if (folder === "") return unfit('"" is no path: write "." for the folder of the program itself');
    const place = resolve(from, folder);
    const found = statSync(place, { throwIfNoEntry: false });
    if (!found) return unfit(`there is no folder "${folder}" (from ${from})`);
    if (!found.isDirectory()) return unfit(`"${folder}" is a file: give the folder that holds it`);
    const root = realpathSync(place);
    const walk: Walk = { root, files: [], leftOut: [], problems: [] };
    enter(walk, root, "", [root]);
    const { files, leftOut, problems } = walk;
    if (problems.length === 0 && files.length === 0)
        return unfit(`"${folder}" holds no file${besides(leftOut)}`);
    if (files.length > MAX_FILES)
        return unfit(`"${folder}" holds ${files.length} files; at most ${MAX_FILES} can be served from it`);
    return { files, leftOut, problems };
}

interface Walk extends Folder {
    root: string;
}

function enter(walk: Walk, folder: string, below: string, ancestors: string[]): void {
    const names = attempt(walk, folder, () => readdirSync(folder));
    for (const name of (names ?? []).sort()) {
        const path = below ? `${below}/${name}` : name;
        // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
        if (/[\x00-\x1f\x7f\ufffd]/.test(name)) {
            walk.problems.push(`the name ${JSON.stringify(path)} has a character that no URL can have`);
        } else if (isHidden(path)) {
            walk.leftOut.push({ path, why: "hidden" });
        } else {
            take(walk, join(folder, name), path, ancestors);
        }
        if (walk.files.length > MAX_FILES) return;
    }
}

function take(walk: Walk, source: string, path: string, ancestors: string[]): void {
    // Of a folder that changes meanwhile.
    const real = attempt(walk, path, () => target(walk.root, source));
    if (!real) return;
    if ("why" in real) {
        walk.leftOut.push({ path, why: real.why });
    } else if (real.found.isDirectory()) {
        if (ancestors.includes(real.place)) walk.leftOut.push({ path, why: "a link to a folder around it" });
        else enter(walk, real.place, path, [...ancestors, real.place]);
    } else if (real.found.isFile()) {
        const read = attempt(walk, path, () => digest(real.place));
        if (read) walk.files.push({ path, ...read, source: real.place });
    } else {
        walk.leftOut.push({ path, why: "neither a file nor a folder" });
    }
}

/** Where an entry is in truth, if that is within the folder and not hidden there. */
function target(root: string, source: string): { place: string; found: Stats } | { why: string } {
    const entry = lstatSync(source);
    if (!entry.isSymbolicLink()) return { place: source, found: entry };
    let place: string;
    try {
        place = realpathSync(source);
    } catch {
        return { why: "a link that leads nowhere" };
    }
    const inside = relative(root, place);
    if (inside === ".." || inside.startsWith(`..${sep}`) || isAbsolute(inside))
        return { why: "a link that leads out of the folder" };
    if (isHidden(inside.split(sep).join("/"))) return { why: "a link to what is hidden" };
    return { place, found: statSync(place) };
}

/** By any part of its path; RFC 8615's folder is for everybody. */
export function isHidden(path: string): boolean {
    const parts = path.split("/");
    return parts.some((part, i) => part.startsWith(".") && !(i === 0 && part === ".well-known"));
}

function attempt<Result>(walk: Walk, path: string, read: () => Result): Result | undefined {
    try {
        return read();
    } catch (error) {
        walk.problems.push(`"${path}" cannot be read: ${(error as Error).message}`);
        return undefined;
    }
}

const CHUNK = 1 << 20;

function digest(file: string): { sha256: string; size: number } {
    const hash = createHash("sha256");
    const chunk = Buffer.allocUnsafe(CHUNK);
    const descriptor = openSync(file, "r");
    let size = 0;
    try {
        for (let read = -1; read !== 0; size += read) {
            read = readSync(descriptor, chunk);
            hash.update(chunk.subarray(0, read));
        }
    } finally {
        closeSync(descriptor);
    }
    return { sha256: hash.digest("hex"), size };
}

const besides = (leftOut: LeftOut[]) =>
    leftOut.length === 0 ? "" : ` that can be served: ${listed(leftOut)}`;

const SHOWN = 10;

/** What was left out and why, such as ".env, .git (hidden); latest (a link that leads out of the folder)". */
export function listed(leftOut: LeftOut[]): string {
    const shown = Map.groupBy(leftOut.slice(0, SHOWN), ({ why }) => why);
    const parts = [...shown].map(([why, each]) => `${each.map(({ path }) => path).join(", ")} (${why})`);
    return [...parts, ...(leftOut.length > SHOWN ? [`${leftOut.length - SHOWN} more`] : [])].join("; ");
}
