import { relay } from "../app/validate.ts";
import { portProblems } from "../database/validate.ts";
import { hosts } from "../hosts/arguments.ts";
import { hostNames } from "../hosts/hosts.ts";
import { hostName, servicePort } from "../hosts/names.ts";
import { type Check, number, object, oneOf, optional, someOf, text, wrongKind } from "../hosts/shape.ts";
import { kindOf, type Problem, quoted, when } from "../hosts/validation.ts";
import { endpoint, serversProblems } from "../member/arguments.ts";
import type { Memcached } from "../memcached/memcached.ts";
import { webPoolArguments } from "../web/validate.ts";
import { Editors, type ObjectCache, type WordPressArgs } from "./args.ts";

/** What WordPress has beside a pool's arguments, which are checked as that pool's. */
type Own = Pick<WordPressArgs, "url" | "title" | "admin" | "database" | "objectCache" | "editors" | "mail">;

/** Between single quotes in PHP. */
const url = text(
    "the address of a site",
    /^https?:\/\/[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/,
    'write it as "https://blog.example.com", without a path',
);

const line = (what: string, most: number) =>
    text(
        what,
        (value) =>
            value.isWellFormed() && value.trim() !== "" && value.length <= most && !/\p{Cc}/u.test(value),
        `use one line of ${most} letters at most`,
    );

const servers: Check = (at, value) => {
    const kind = kindOf(value);
    const given = value as Partial<Memcached>;
    if ((kind !== "an object" && kind !== "a component itself") || given.clients === undefined)
        return wrongKind(at, value, "a `Memcached`");
    return [
        ...hosts(`${at}.hosts`, given.hosts),
        ...servicePort(`${at}.port`, given.port),
        ...someOf("names of hosts", hostName)(`${at}.clients`, given.clients),
    ];
};

const objectCache = object<ObjectCache>(
    "an object cache: `{}`, or `{ memory }`",
    {
        memory: optional(number("a number of megabytes", { from: 1, to: 1_000_000 })),
        servers: optional(servers),
    },
    (_args, _sound, given) =>
        when(given("memory") && given("servers"), "memory", "is the servers' own: leave it out"),
);

const own = object<Own>("a `WordPressArgs`", {
    url,
    title: line("a title", 200),
    admin: object<Own["admin"]>("an administrator: `{ user, email }`", {
        user: text("a user's name", /^[\w.@-]{1,60}$/, "use letters, digits and . _ @ -"),
        email: text("an address", /^[\w.+-]+@[\w.-]+$/, 'write it as "admin@example.com"'),
    }),
    database: object<Own["database"]>(
        "a cluster: `{ servers: db.hosts, endpoint: db.endpoint }`",
        { servers: hosts, endpoint, port: optional(servicePort), readPort: optional(servicePort) },
        (args, sound) => [
            ...(sound("servers", "endpoint") ? serversProblems(args.servers, args.endpoint) : []),
            ...(sound("port", "readPort") ? portProblems(args) : []),
        ],
    ),
    objectCache: optional(objectCache),
    editors: optional(oneOf("where editors work", Object.values(Editors))),
    mail: optional(relay),
});
const OWN = ["url", "title", "admin", "database", "objectCache", "editors", "mail"];

/** What is WordPress' own of a pool. */
const FIXED = ["documentRoot", "files", "folder", "php", "user", "writable", "healthPath"];

/** Its parts are called by its name and a word more. */
const MOST_LETTERS = 34;

/** What can be wrong with the `WordPress` of this name. */
export const wordPressArguments =
    (name: string): Check =>
    (at, value) => {
        if (kindOf(value) !== "an object") return wrongKind(at || "args", value, "a `WordPressArgs`");
        const given = Object.entries(value as object).filter(([, each]) => each !== undefined);
        const part = (fits: (key: string) => boolean) =>
            Object.fromEntries(given.filter(([key]) => fits(key)));
        const pool = part((key) => !OWN.includes(key) && !FIXED.includes(key));
        const found = [
            ...own(
                at,
                part((key) => OWN.includes(key)),
            ),
            ...given.flatMap(([key]) =>
                when(FIXED.includes(key), key, "is given by WordPress: leave it out"),
            ),
            ...when(!("release" in pool), "release", "give WordPress itself: its archive, or a folder"),
            ...webPoolArguments(at, { ...pool, php: true }),
            ...when(
                name?.length > MOST_LETTERS,
                "name",
                `"${name}" is too long: use ${MOST_LETTERS} letters at most`,
            ),
        ];
        return found.length > 0 ? found : shutOut(name, value as WordPressArgs);
    };

/** memcached lets its clients in, and nobody else. */
function shutOut(name: string, args: WordPressArgs): Problem[] {
    const { servers: cache } = args.objectCache ?? {};
    const far = hostNames(name, args).filter((host) => !cache?.clients.includes(host));
    const reason = `lets ${far.map(quoted).join(", ")} not in: have that \`Memcached\` with these hosts among its \`clients\``;
    return when(cache !== undefined && far.length > 0, "objectCache.servers", reason);
}
