import type { DatabaseConnection } from "../database/database.ts";
import { componentName, hostName, port, requestPath } from "../hosts/names.ts";
import { onCalendar } from "../hosts/schedule.ts";
import {
    type Check,
    flag,
    hidden,
    input,
    number,
    object,
    optional,
    record,
    someOf,
    text,
    wrongKind,
} from "../hosts/shape.ts";
import { type Problem, quoted, when } from "../hosts/validation.ts";
import { webPool } from "../web/poolCheck.ts";
import type { AppJob, MailRelay, WebAppArgs } from "./args.ts";

/** What a program is started with, or the database's own. */
const RESERVED =
    /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|PHP_INI_SCAN_DIR|PHPRC|LD_.*|EVENKEEL_.*|DB_(HOST|PORT|READ_PORT|DATABASE|USERNAME|PASSWORD|PASSWORD_FILE))$/;

const variable: Check = (at, value) => [
    ...text(
        "the name of a variable",
        /^[A-Z][A-Z0-9_]{0,63}$/,
        "use capital letters, digits and _, a letter first, 64 at most",
    )(at, value),
    ...when(
        RESERVED.test(String(value)),
        `${at}.${value}`,
        "is given already: by `database`, or to every program",
    ),
];

/** In PHP-FPM's files between double quotes. */
export const environmentValue = text(
    "the value of a variable",
    (value) => value.isWellFormed() && !/[\p{Cc}\p{Zl}\p{Zp}"\\$]/u.test(value) && value.length <= 1000,
    'use one line without ", \\ and $, or a secret, which may have any text',
);

/** Whatever it is, no error shows it. */
export const secretText: Check = (at, value) =>
    hidden("a text of 64 kB at most", /^[^\0\p{Cs}]{0,65536}$/u)(at, value);

const pool = webPool("hosts", "phpPool", "port", "root", "user", "version");

const words = someOf<string>(
    "a program and its arguments, each a text",
    text(
        "a word of a command",
        (word) => word.isWellFormed() && !/\p{Cc}/u.test(word) && word.length <= 1000,
        "use no line breaks",
    ),
);

const job = object<AppJob>("a job: `{ name, schedule, command }`", {
    name: componentName,
    schedule: onCalendar,
    command: words,
    timeout: optional(number("a number of seconds", { from: 1, to: 86_400 })),
});

const jobs = someOf<AppJob>("jobs", job, (all, at) =>
    all.flatMap(({ name }, i) =>
        when(
            all.findIndex((each) => each.name === name) < i,
            `${at}[${i}].name`,
            `${quoted(name)} is another job's name already`,
        ),
    ),
);

/** A relay's account has it; whatever it is, no error shows it. */
export const mailPassword = hidden("a password of one line", /^[^\p{Cc}\p{Cs}]{1,1000}$/u);

const mailWord = text("a word", /^[\w.@+-]{1,200}$/, "use letters, digits and . _ @ + -");
export const relay = object<MailRelay>(
    "a mail relay: `{ host, from }`",
    {
        host: text("a host's name", /^[\w.-]{1,253}$/, 'write it as "smtp.example.com"'),
        port: optional(port),
        user: optional(mailWord),
        password: optional(input(mailPassword)),
        from: text("an address", /^[\w.+-]+@[\w.-]+$/, 'write it as "shop@example.com"'),
        tls: optional(flag),
    },
    ({ user, tls }, sound, given) => [
        ...when(
            sound("user", "password") && given("user") !== given("password"),
            given("user") ? "password" : "user",
            "an account has both `user` and `password`",
        ),
        ...when(
            tls === false && user !== undefined,
            "tls",
            "a password would go over the network in plain: leave it out",
        ),
    ],
);

const connection = object<DatabaseConnection>("a `Database`'s `connection`", {
    host: input(text("an address", /^[\w.:-]{1,253}$/, "it is the loopback")),
    port,
    readPort: port,
    schema: text("a schema", /^[a-z][a-z0-9_]{0,63}$/, "use lower-case letters, digits and _"),
    user: text("a user", /^[a-z][a-z0-9_]{0,79}$/, "use lower-case letters, digits and _"),
    password: input(hidden("a password", /^[^\p{Cc}\p{Cs}]{1,1000}$/u)),
    clients: someOf("names of hosts", hostName),
    caFile: text("a file", /^(\/[\w-][\w.-]*)+$/, "it is below /etc/evenkeel/endpoints"),
    optionFile: text("a file", /^(\/[\w-][\w.-]*)+$/, "it is below /etc/evenkeel/databases"),
    names: optional((at, value) =>
        typeof value === "object" ? [] : wrongKind(at, value, "names of members"),
    ),
});

/** What can be wrong with a `WebApp`. */
export const webAppArguments = object<WebAppArgs>(
    "a `WebAppArgs`",
    {
        pool,
        environment: optional(record("texts by their variables", variable, input(environmentValue))),
        secrets: optional(record("secrets by their names", variable, input(secretText))),
        database: optional(connection),
        healthPath: optional(requestPath),
        setup: optional(words),
        jobs: optional(jobs),
        mail: optional(relay),
    },
    (args, sound, given) => [
        ...(sound("pool", "database") ? farProblems(args) : []),
        ...(["setup", "jobs"] as const).flatMap((key) =>
            when(
                sound("database") && given(key) && !given("database"),
                key,
                "a row of the application's `database` tells the hosts whose turn it is: give that",
            ),
        ),
        ...(sound("environment", "secrets")
            ? Object.keys(args.secrets ?? {}).flatMap((name) =>
                  when(
                      [name, `${name}_FILE`].some((each) => each in (args.environment ?? {})),
                      `secrets.${name}`,
                      "is a variable of `environment`, too",
                  ),
              )
            : []),
    ],
);

/** Each host has a way of its own to the database. */
function farProblems({ pool, database }: WebAppArgs): Problem[] {
    const far = pool.hosts.map(({ name }) => name).filter((name) => !database?.clients.includes(name));
    const reason = `no way leads from ${far.map(quoted).join(", ")} to ${quoted(database?.schema)}: have that \`Database\` with the pool's hosts as its \`clients\``;
    return when(database !== undefined && far.length > 0, "database", reason);
}
