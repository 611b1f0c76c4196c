import type * as pulumi from "@pulumi/pulumi";
import { type Content, contentOf } from "../content/content.ts";
import { type Folder, readFolder } from "../content/folder.ts";
import { checkedLate } from "../hosts/arguments.ts";
import { written } from "../hosts/shape.ts";
import { type Problem, quoted, when } from "../hosts/validation.ts";
import { readArchive } from "./archive.ts";
import type { WebPoolArgs } from "./args.ts";
import type { SiteLayout } from "./site.ts";
import { fileText, isFolder, isSha256 } from "./validate.ts";

/** What a pool serves of this machine, and what is wrong with it. */
export interface SiteSource {
    folder?: Folder;
    problems: Problem[];
}

/** The folder or archive that is to be served, if its path is one. */
export function sourceOf(args: WebPoolArgs | undefined): SiteSource {
    const release = typeof args?.release === "object" ? args.release : undefined;
    const { folder, archive, sha256 } = release ?? { folder: args?.folder };
    if (typeof folder === "string" && isFolder(folder)) {
        const read = readFolder(folder);
        const at = release ? "release.folder" : "folder";
        return {
            folder: read,
            problems: read.problems.map((reason) => ({ propertyPath: at, reason })),
        };
    }
    if (typeof archive !== "string" || !isFolder(archive) || typeof sha256 !== "string" || !isSha256(sha256))
        return { problems: [] };
    return readArchive(archive, sha256);
}

/** What is wrong with the files themselves, with what lies on top of them, and with what is to be written among them. */
export function sourceProblems(args: WebPoolArgs, { folder, problems }: SiteSource): Problem[] {
    const { files, writable, release } = args;
    const own = typeof files === "object" && files !== null ? Object.keys(files) : [];
    const paths = folder?.files.map(({ path }) => path) ?? [];
    const clash = folder ? clashOf(own, paths) : undefined;
    const served = typeof release === "object" ? release?.public : undefined;
    const isIn = (parent: string) => (path: string) => `${path}/`.startsWith(`${parent}/`);
    const folders = Array.isArray(writable) ? writable.filter((each) => typeof each === "string") : [];
    return [
        ...problems,
        ...when(clash !== undefined, "files", `${quoted(clash)} is a file and a folder`),
        ...folders.flatMap((each) => {
            const code = [...paths, ...own].find(isIn(each));
            const reason = `${quoted(each)} holds ${quoted(code)}, which \`up\` brings: PHP could change it`;
            return when(code !== undefined, "writable", reason);
        }),
        ...when(
            folder !== undefined && typeof served === "string" && ![...paths, ...own].some(isIn(served)),
            "release.public",
            `the release has no folder ${quoted(served)}`,
        ),
    ];
}

/** The path that is a file in one of two lists, and a folder in the other. */
function clashOf(some: string[], others: string[]): string | undefined {
    return [some, others].reduce<string | undefined>((found, files, i) => {
        const folders = new Set([others, some][i]!.flatMap(foldersOf));
        return found ?? files.find((path) => folders.has(path));
    }, undefined);
}

const foldersOf = (path: string) => [...path.matchAll(/\//g)].map(({ index }) => path.slice(0, index));

/** What `up` brings to the host, below the site's base. */
export const deployedPaths = ({ files = {}, release }: WebPoolArgs, folder: Folder | undefined): string[] =>
    release
        ? ["current", "releases"]
        : [...(folder?.files.map(({ path }) => path) ?? []), ...Object.keys(files)];

/** All that a pool serves; nothing when it has no files of its own. */
export function siteContent(
    name: string,
    args: WebPoolArgs,
    { base, user, writable, keep }: SiteLayout,
    folder: Folder | undefined,
): Content | undefined {
    const texts = Object.entries(args.files ?? {}).map(([path, text]): [string, pulumi.Output<string>] => [
        path,
        checkedLate("WebPool", name, `files.${written(path)}`, fileText, text),
    ]);
    if (!folder && texts.length === 0) return undefined;
    const shared = writable.map((path) => path.slice(`${base}/shared/`.length));
    const releases = keep === undefined ? undefined : { keep, shared };
    return contentOf(
        { folder: base, reader: user, releases },
        folder?.files ?? [],
        Object.fromEntries(texts),
    );
}
