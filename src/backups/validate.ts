import { host, hosts } from "../hosts/arguments.ts";
import { credential, hostFolder, slug } from "../hosts/names.ts";
import { onCalendar } from "../hosts/schedule.ts";
import { type Check, flag, input, number, object, optional, text, wrongKind } from "../hosts/shape.ts";
import { kindOf, type Problem, when } from "../hosts/validation.ts";
import { endpoint, serversProblems } from "../member/arguments.ts";
import type { DatabaseBackupsArgs } from "./args.ts";
import type { BackupBucket, BackupFolder } from "./destination.ts";

const folder = object<BackupFolder>("a folder of a host: `{ host, folder }`", { host, folder: hostFolder });

export const accessWord = credential("a key of the storage: one word");

const bucket = object<BackupBucket>("a bucket: `{ bucket, endpoint, accessKey, secretKey }`", {
    bucket: text(
        "the name of a bucket",
        /^(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
        "use lower-case letters, digits, . and -, 3 to 63",
    ),
    endpoint: text(
        "an address",
        /^https?:\/\/[\w.-]+(:\d{1,5})?\/?$/,
        "write it as https://objects.example.com",
    ),
    region: optional(slug("a region", "fra1")),
    accessKey: input(accessWord),
    secretKey: input(accessWord),
    prefix: optional(
        text(
            "a path in a bucket",
            (path) => path.length <= 200 && /^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/.test(path),
            "no / at its ends",
        ),
    ),
});

const WHERE = "`{ host, folder }` or `{ bucket, endpoint, … }`";

const destination: Check = (at, value) => {
    if (kindOf(value) !== "an object") return wrongKind(at, value, WHERE);
    const isFolder = ["host", "folder"].some((key) => key in (value as object));
    return (isFolder ? folder : bucket)(at, value);
};

/** What can be wrong with the `DatabaseBackups` of this name. */
export const backupsArguments = (name: string): Check =>
    object<DatabaseBackupsArgs>(
        "a `DatabaseBackupsArgs`",
        {
            servers: hosts,
            endpoint,
            to: destination,
            schedule: optional(onCalendar),
            keep: optional(number("a number of backups", { from: 1, to: 10_000 })),
            compress: optional(flag),
            deletionProtection: optional(flag),
        },
        ({ servers, endpoint, to }, sound) => [
            ...(sound("servers", "endpoint") ? serversProblems(servers, endpoint) : []),
            ...(sound("to") && "host" in to ? accountProblems(name) : []),
        ],
    );

/** The account on the folder's host is called by the backups' name, and Unix has 32 letters for it. */
function accountProblems(name: string): Problem[] {
    const reason = `"${name}" is no part of a user's name: with a folder, use 24 letters at most`;
    return when(typeof name === "string" && name.length > 24, "name", reason);
}
