import { posix } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { bytes, count, recordedFiles } from "./changes.ts";
import type { FolderFile } from "./folder.ts";
import { checksum, type Entry, type Manifest, manifestOf, type Place } from "./manifest.ts";

/** Where the bytes of a file are: on this machine, or in the program. */
export type Source = ({ file: string } | { text: string }) & {
    /** In bytes. */
    size: number;
};

/** A text that stands in the role's text, where its changes are read line by line. */
export interface ShownText {
    path: string;
    text: string;
}

/** The files that a component serves on its hosts. Nothing of it holds a secret in plain but `delivery`. */
export interface Content {
    /** The folder that they are below. */
    root: pulumi.Output<string>;
    /** The release that they are, if they are one. */
    release: pulumi.Output<string> | undefined;
    /** Every file by its checksum (changes.ts). */
    recorded: pulumi.Output<string>;
    shown: pulumi.Output<ShownText[]>;
    /** What travels by itself, such as "10,000 files, 200.0 MB"; nothing when there is none. */
    size: pulumi.Output<string | undefined>;
    /** The manifest's checksum: a secret when there is a secret among the files. */
    id: pulumi.Output<string>;
    /** What travels by itself. */
    delivery: pulumi.Output<Delivery>;
}

export interface Delivery {
    manifest: Manifest;
    /** By checksum. */
    sources: Record<string, Source>;
}

/** In bytes: a longer text is told by its name alone. */
export const LONGEST_SHOWN = 16_384;
/** In bytes: what texts may take of a role's text, of which a host takes 128 kB at most. */
export const SHOWN_ALTOGETHER = 65_536;
/** In bytes: the verb and the ends of its here-document. */
const BESIDES = 32;

/** Where files go: a folder, or a release below it. */
export interface Destination {
    folder: string;
    reader?: string | undefined;
    /** How many releases are kept, and the folders that all of them have in common. */
    releases?: { keep: number; shared: string[] } | undefined;
}

/** Files of a folder, and on top of them texts of the program. */
export function contentOf(
    { folder: place, reader, releases }: Destination,
    folder: FolderFile[],
    files: Record<string, pulumi.Input<string>>,
): Content {
    const base = posix.join(place, ".").replace(/\/$/, "");
    const given = Object.entries(files).map(([path, text]) => ({ path, text: pulumi.output(text) }));
    const secrecy = Promise.all(given.map(({ text }) => pulumi.isSecret(text)));
    const texts = (secret: boolean) =>
        pulumi
            .output(secrecy)
            .apply((each) =>
                pulumi.all(
                    given
                        .filter((_, i) => each[i] === secret)
                        .map(({ path, text }) =>
                            text.apply((settled): ShownText => ({ path, text: settled })),
                        ),
                ),
            );
    const below = folder.filter(({ path }) => !(path in files));
    const open = texts(false).apply((plain) => plan(below, plain));
    const secrets = texts(true).apply((secret) => secret.map((each) => carried(each, "secret")));
    const names = pulumi
        .output(secrecy)
        .apply((each) => given.filter((_, i) => each[i]).map(({ path }) => path));
    const recorded = pulumi
        .all([open, names])
        .apply(([{ parts }, hidden]) =>
            recordedFiles([
                ...parts.map(({ entry }) => entry),
                ...hidden.map((path): Entry => ({ path, sha256: "", size: 0, kind: "secret" })),
            ]),
        );
    const shared = releases?.shared ?? [];
    const release = releases && recorded.apply((list) => releaseName(list, shared));
    const root = release ? release.apply((id) => `${base}/releases/${id}`) : pulumi.output(base);
    const delivery = pulumi
        .all([open, secrets, root])
        .apply(([{ parts }, hidden, folder]) =>
            deliveryOf({ root: folder, reader, keep: releases?.keep }, [...parts, ...hidden], shared),
        );
    return {
        root,
        release,
        recorded,
        shown: open.apply(({ shown }) => shown),
        size: open.apply(({ parts }) => sizeOf(parts.map(({ entry }) => entry))),
        id: delivery.apply(({ manifest }) => manifest.id),
        delivery,
    };
}

function sizeOf(entries: Entry[]): string | undefined {
    const files = entries.filter(({ kind }) => kind === "file");
    if (files.length === 0) return undefined;
    return `${count(files.length)} files, ${bytes(files.reduce((sum, { size }) => sum + size, 0))}`;
}

interface Carried {
    entry: Entry;
    source: Source;
}

/** Which texts are shown: short ones, in the order of their names, while there is room. */
export function plan(folder: FolderFile[], texts: ShownText[]): { parts: Carried[]; shown: ShownText[] } {
    const shown: ShownText[] = [];
    let taken = 0;
    const parts = [...texts]
        .sort((a, b) => (a.path < b.path ? -1 : 1))
        .map((each) => {
            const { entry, source } = carried(each, "text");
            const room = entry.size + entry.path.length + BESIDES;
            const fits = entry.size <= LONGEST_SHOWN && taken + room <= SHOWN_ALTOGETHER;
            if (!fits) return { entry: { ...entry, kind: "file" as const }, source };
            taken += room;
            shown.push(each);
            return { entry, source };
        });
    const files = folder.map(
        ({ source, ...entry }): Carried => ({
            entry: { ...entry, kind: "file" },
            source: { file: source, size: entry.size },
        }),
    );
    return { parts: [...files, ...parts], shown };
}

function carried({ path, text }: ShownText, kind: Entry["kind"]): Carried {
    const data = Buffer.from(text);
    const size = data.length;
    return { entry: { path, sha256: checksum(data), size, kind }, source: { text, size } };
}

/** What a release is called: the same files are the same one. A secret's content does not tell on itself here. */
const releaseName = (recorded: string, shared: string[]): string =>
    checksum([recorded, ...shared].join("\n")).slice(0, 12);

function deliveryOf(place: Place, parts: Carried[], shared: string[]): Delivery {
    const manifest = manifestOf(place, [
        ...parts.map(({ entry }) => entry),
        ...shared.map((path): Entry => ({ path, sha256: "-", size: 0, kind: "shared" })),
    ]);
    return {
        manifest,
        sources: Object.fromEntries(parts.map(({ entry, source }) => [entry.sha256, source])),
    };
}
