import { createHash } from "node:crypto";

/**
 * How a file travels: `file` by itself, `text` in the role's text, where it is read, and `secret` by itself, for the eyes
 * of whoever runs PHP alone. `shared` does not: it is a folder that all releases have in common.
 */
export type Kind = "file" | "text" | "secret" | "shared";

export interface Entry {
    /** Path below the document root. */
    path: string;
    sha256: string;
    /** In bytes. */
    size: number;
    kind: Kind;
}

/** The list of a host's files, as onhost/content_store.py reads it. */
export interface Manifest {
    /** Its checksum: two that have the same are the same. */
    id: string;
    /** Its first line. */
    root: string;
    /** Its other lines, by the first two digits of their paths' checksums: of a large one only few differ. */
    parts: Part[];
}

export interface Part {
    name: string;
    sha256: string;
    text: string;
}

const PART_DIGITS = 2;

/** Where files are to be. */
export interface Place {
    root: string;
    /** The user that reads secrets. @default "www-data" */
    reader?: string | undefined;
    /** Of releases: how many are kept. @default it is none */
    keep?: number | undefined;
}

const READER = "www-data";

export function manifestOf({ root: folder, reader = READER, keep }: Place, entries: Entry[]): Manifest {
    const more = keep === undefined ? (reader === READER ? [] : [reader]) : [reader, keep];
    const root = ["root", folder, ...more].join(" ");
    const lines = entries
        .map(({ path, sha256, size, kind }) => ({
            path,
            line: Buffer.from(`${sha256} ${size} ${kind} ${path}\n`),
        }))
        .sort((a, b) => Buffer.compare(a.line, b.line));
    const groups = Map.groupBy(lines, ({ path }) => checksum(path).slice(0, PART_DIGITS));
    const parts = [...groups].map(([name, group]): Part => {
        const bytes = Buffer.concat(group.map(({ line }) => line));
        return { name, sha256: checksum(bytes), text: bytes.toString() };
    });
    const all = Buffer.concat([Buffer.from(`${root}\n`), ...lines.map(({ line }) => line)]);
    return { id: checksum(all), root, parts };
}

export const checksum = (data: string | Buffer): string => createHash("sha256").update(data).digest("hex");
