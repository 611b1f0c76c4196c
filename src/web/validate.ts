import { hostsRules, hostsShape } from "../hosts/arguments.ts";
import { healthPath, hostFolder, networks, servicePort } from "../hosts/names.ts";
import { flag, input, number, object, optional, record, text } from "../hosts/shape.ts";
import { quoted, when } from "../hosts/validation.ts";
import type { WebPoolArgs } from "./args.ts";
import { phpSettings } from "./phpSettings.ts";
import { MOST_WORKERS } from "./sizing.ts";

/** Lists of a role's files are lines, and their names what a file system takes. */
const isFilePath = (path: string) =>
    path.isWellFormed() &&
    !/\p{Cc}|\p{Zl}|\p{Zp}/u.test(path) &&
    path.trim() === path &&
    // JavaScript, and so the engine, knows no such key.
    path !== "__proto__" &&
    Buffer.byteLength(path) <= 1000 &&
    path.split("/").every((part) => !["", ".", ".."].includes(part) && Buffer.byteLength(part) <= 200);

const filePath = text(
    "a path below the document root",
    isFilePath,
    "no / at its ends, no .. between them, and no line breaks",
);

export const fileText = text(
    "a text",
    (content) => content.isWellFormed() && !content.includes("\0"),
    "bytes that are no text belong into a `folder`",
);

export const isFolder = (path: string) => path !== "" && !path.includes("\0");

/** What can be wrong with a `WebPool`. */
export const webPoolArguments = object<WebPoolArgs>(
    "a `WebPoolArgs`",
    {
        ...hostsShape,
        documentRoot: optional(hostFolder),
        files: optional(record("texts by their paths", filePath, input(fileText))),
        folder: optional(text("a folder", isFolder, 'write it as "pages"; for the program\'s own, "."')),
        php: optional(flag),
        phpWorkers: optional(number("a number of processes", { from: 1, to: MOST_WORKERS })),
        phpMemoryLimit: optional(number("a number of megabytes", { from: 16, to: 100_000 })),
        phpSettings: optional(phpSettings),
        maxUpload: optional(number("a number of megabytes", { from: 1, to: 10_000 })),
        trustedProxies: optional(networks),
        staticMaxAge: optional(number("a number of seconds", { from: 0, to: 31_536_000 })),
        deletionProtection: optional(flag),
        port: optional(servicePort),
        healthPath: optional(healthPath),
    },
    (args, sound, given) => {
        const { files = {}, php } = args;
        const paths = sound("files") ? Object.keys(files) : [];
        const folder = paths.find((path) => paths.some((other) => other.startsWith(`${path}/`)));
        return [
            ...hostsRules(args, sound, given),
            ...when(folder !== undefined, "files", `${quoted(folder)} is a file and a folder`),
            ...(["phpWorkers", "phpMemoryLimit", "phpSettings"] as const).flatMap((key) =>
                when(sound("php") && given(key) && !php, key, "there is no PHP: give php: true"),
            ),
            ...when(args.healthPath === "/", "healthPath", "is the site's first page: take another path"),
        ];
    },
);
