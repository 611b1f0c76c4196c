import { hostsRules, hostsShape } from "../hosts/arguments.ts";
import { healthPath, hostFolder, networks, servicePort } from "../hosts/names.ts";
import { nearest } from "../hosts/nearest.ts";
import {
    type Check,
    flag,
    input,
    number,
    object,
    oneOf,
    optional,
    record,
    someOf,
    text,
} from "../hosts/shape.ts";
import { quoted, when } from "../hosts/validation.ts";
import { APACHE_MODULES } from "./apacheModules.ts";
import type { Release, WebPoolArgs } from "./args.ts";
import { EngineName } from "./engine.ts";
import { gate, groupRules, poolGroups } from "./groupRules.ts";
import { pageCache } from "./pageCache.ts";
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

export const isSha256 = (text: string) => /^[0-9a-fA-F]{64}$/.test(text);

/** A part of patterns of nginx and Apache, and of a unit's settings. */
const siteFolder = text(
    "a folder below the site's own",
    (path) => path.length <= 200 && /^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/.test(path),
    'write it as "wp-content/uploads", with letters, digits and . _ -',
);

const isNested = (paths: string[], path: string, i: number) =>
    paths.some((other, j) => i !== j && `${path}/`.startsWith(`${other}/`) && (path !== other || j < i));

const writable = someOf<string>("folders that PHP may write", siteFolder, (paths, at) =>
    paths.flatMap((path, i) =>
        when(isNested(paths, path, i), `${at}[${i}]`, `${quoted(path)} is in another one of the list`),
    ),
);

export const user = text(
    "the name of a Unix user that PHP may run as",
    (name) => /^[a-z_][a-z0-9_-]{0,31}$/.test(name) && name !== "root",
    'write it as "shop"',
);

const extension = text(
    "an extension of PHP",
    /^[a-z][a-z0-9.-]{0,30}$/,
    'write it as "gd", for Debian\'s package php-gd',
);

const apacheModule: Check = (at, value) =>
    text(
        "a module of Debian's Apache",
        (name) => APACHE_MODULES.includes(name),
        moduleHint(typeof value === "string" ? value : ""),
    )(at, value);

function moduleHint(name: string): string {
    if (/^mpm_/.test(name)) return "it has mpm_event, and one at a time";
    if (name === "cgi") return 'with MPM event, that is "cgid"';
    const meant = nearest(name, APACHE_MODULES);
    return meant === undefined ? 'write it as a2enmod takes it: "status"' : `did you mean "${meant}"?`;
}

const apacheModules = someOf<string>("names of modules", apacheModule, (names, at) =>
    names.flatMap((name, i) =>
        when(names.indexOf(name) < i, `${at}[${i}]`, `${quoted(name)} is in the list already`),
    ),
);

const release = object<Release>(
    "a `Release`",
    {
        folder: optional(text("a folder", isFolder, 'write it as "app"')),
        archive: optional(text("a file", isFolder, 'write it as "app.tar.gz"')),
        sha256: optional(text("a SHA-256", isSha256, "give the 64 hexadecimal digits that sha256sum tells")),
        keep: optional(number("a number of releases", { from: 2, to: 50 })),
        public: optional(siteFolder),
    },
    ({ folder, archive, sha256 }, sound, given) => {
        if (!sound("folder", "archive", "sha256")) return [];
        return [
            ...when(!folder && !archive, "folder", "give either `folder` or `archive`"),
            ...when(!!folder && !!archive, "archive", "give either `folder` or `archive`, not both"),
            ...when(!!archive && !sha256, "sha256", "an archive is taken by its checksum: give it"),
            ...when(!archive && given("sha256"), "sha256", "is the checksum of an `archive`: there is none"),
        ];
    },
);

const texts = record("texts by their paths", filePath, input(fileText));

/** What a group may have for itself. */
const settings = {
    phpWorkers: optional(number("a number of processes", { from: 1, to: MOST_WORKERS })),
    phpMemoryLimit: optional(number("a number of megabytes", { from: 16, to: 100_000 })),
    phpSettings: optional(phpSettings),
    maxUpload: optional(number("a number of megabytes", { from: 1, to: 10_000 })),
    staticMaxAge: optional(number("a number of seconds", { from: 0, to: 31_536_000 })),
};

export const groups = poolGroups({ ...settings, release: optional(release), files: optional(texts) });

const ofPhp = [
    "phpWorkers",
    "phpMemoryLimit",
    "phpSettings",
    "user",
    "writable",
    "phpExtensions",
    "pageCache",
] as const;

/** What can be wrong with a `WebPool`. */
export const webPoolArguments = object<WebPoolArgs>(
    "a `WebPoolArgs`",
    {
        ...hostsShape,
        engine: optional(oneOf("an engine", Object.values(EngineName))),
        apacheModules: optional(apacheModules),
        documentRoot: optional(hostFolder),
        files: optional(texts),
        folder: optional(text("a folder", isFolder, 'write it as "pages"; for the program\'s own, "."')),
        release: optional(release),
        groups: optional(groups),
        gate: optional(gate),
        php: optional(flag),
        phpWorkers: settings.phpWorkers,
        phpMemoryLimit: settings.phpMemoryLimit,
        phpSettings: settings.phpSettings,
        user: optional(user),
        writable: optional(writable),
        phpExtensions: optional(someOf("names of PHP's extensions", extension)),
        maxUpload: settings.maxUpload,
        trustedProxies: optional(networks),
        staticMaxAge: settings.staticMaxAge,
        pageCache: optional(pageCache),
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
            ...groupRules(args, sound, given),
            ...when(folder !== undefined, "files", `${quoted(folder)} is a file and a folder`),
            ...when(
                sound("engine") && given("apacheModules") && args.engine !== EngineName.Apache,
                "apacheModules",
                'there is no Apache: give engine: "apache"',
            ),
            ...when(
                sound("engine") && given("pageCache") && args.engine === EngineName.Apache,
                "pageCache",
                "Apache keeps no pages here: leave `engine` out",
            ),
            ...ofPhp.flatMap((key) =>
                when(sound("php") && given(key) && !php, key, "there is no PHP: give php: true"),
            ),
            ...when(
                given("release") && given("folder"),
                "folder",
                "the files are those of `release`: leave it out",
            ),
            ...when(
                given("release") && given("documentRoot"),
                "documentRoot",
                "is the release that is served: leave it out",
            ),
            ...when(args.healthPath === "/", "healthPath", "is the site's first page: take another path"),
        ];
    },
);
