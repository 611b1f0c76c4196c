import type * as pulumi from "@pulumi/pulumi";
import { type Content, contentOf } from "../content/content.ts";
import { type Folder, readFolder } from "../content/folder.ts";
import { checkedLate } from "../hosts/arguments.ts";
import { written } from "../hosts/shape.ts";
import { type Problem, quoted, when } from "../hosts/validation.ts";
import type { WebPoolArgs } from "./args.ts";
import { fileText, isFolder } from "./validate.ts";

/** The folder that is to be served, if its path is one. */
export const folderOf = (args: WebPoolArgs | undefined): Folder | undefined =>
    typeof args?.folder === "string" && isFolder(args.folder) ? readFolder(args.folder) : undefined;

/** What is wrong with the folder itself, and with what lies on top of it. */
export function folderProblems({ files }: WebPoolArgs, folder: Folder | undefined): Problem[] {
    if (!folder) return [];
    const own = typeof files === "object" && files !== null ? Object.keys(files) : [];
    const clash = clashOf(
        own,
        folder.files.map(({ path }) => path),
    );
    return [
        ...folder.problems.map((reason) => ({ propertyPath: "folder", reason })),
        ...when(clash !== undefined, "files", `${quoted(clash)} is a file and a folder`),
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

/** What `up` brings to the document root, below it. */
export const deployedPaths = ({ files = {} }: WebPoolArgs, folder: Folder | undefined): string[] => [
    ...(folder?.files.map(({ path }) => path) ?? []),
    ...Object.keys(files),
];

/** All that a pool serves; nothing when it has no files of its own. */
export function siteContent(
    name: string,
    args: WebPoolArgs,
    folder: Folder | undefined,
): Content | undefined {
    const { documentRoot = "/var/www/html", files = {} } = args;
    const texts = Object.entries(files).map(([path, text]): [string, pulumi.Output<string>] => [
        path,
        checkedLate("WebPool", name, `files.${written(path)}`, fileText, text),
    ]);
    if (!folder && texts.length === 0) return undefined;
    return contentOf(documentRoot, folder?.files ?? [], Object.fromEntries(texts));
}
