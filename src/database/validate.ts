import { hosts } from "../hosts/arguments.ts";
import { servicePort } from "../hosts/names.ts";
import { type Check, flag, object, optional, text } from "../hosts/shape.ts";
import { sitesOn } from "../hosts/sites.ts";
import { type Problem, when } from "../hosts/validation.ts";
import { aliasProblems, endpoint, serversProblems } from "../member/arguments.ts";
import type { DatabaseArgs } from "./args.ts";
import { reads, readsProblems } from "./reads.ts";

/** MariaDB's own, and where a replicated cluster has its heartbeat. */
const RESERVED_SCHEMAS = ["evenkeel", "information_schema", "mysql", "performance_schema", "sys"];

/** MariaDB's own, and those of clusters: members replicate by one. */
const RESERVED_USERS = ["event_scheduler", "mysql", "public", "replication", "root"];

function sqlName(what: string, most: number, reserved: string[]): Check {
    const name = text(
        `the name of a ${what}`,
        new RegExp(`^[a-z][a-z0-9_]{0,${most - 1}}$`),
        `use lower-case letters, digits and _, ${most} at most`,
    );
    return (at, value) => {
        const problems = name(at, value);
        if (problems.length > 0) return problems;
        return when(reserved.includes(value as string), at, `"${value}" is MariaDB's own, or the cluster's`);
    };
}

const schemaName = sqlName("schema", 64, RESERVED_SCHEMAS);
const userName = sqlName("user", 80, RESERVED_USERS);

/** The schema is called what the component is, and the user what the schema is. */
function defaultNames(component: string, { schema, user }: DatabaseArgs, isSound: boolean): Problem[] {
    const problems = schema === undefined ? schemaName("schema", component) : [];
    if (user !== undefined || problems.length > 0 || !isSound) return problems;
    return userName("user", schema ?? component);
}

/** PHP that has a user of its own is not of www-data, and would find out when it is too late. */
export function groupProblems({ clients, group }: DatabaseArgs): Problem[] {
    const sites = clients.flatMap(({ name }) => sitesOn(name));
    const [site] = sites;
    const isWrong = group === "www-data" && site && sites.every(({ user }) => user !== group);
    return when(
        !!isWrong,
        "group",
        `PHP of ${site?.by} runs as ${site?.user}, which is not of www-data: give that pool's \`user\``,
    );
}

/** Each leads elsewhere. */
export const portProblems = ({ port = 3306, readPort = 3307 }: Pick<DatabaseArgs, "port" | "readPort">) =>
    when(port === readPort, "readPort", "is the port for writes already");

/** What can be wrong with the `Database` of this name. */
export const databaseArguments = (component: string) =>
    object<DatabaseArgs>(
        "a `DatabaseArgs`",
        {
            servers: hosts,
            endpoint,
            clients: hosts,
            reads: optional(reads),
            names: optional(flag),
            schema: optional(schemaName),
            user: optional(userName),
            group: optional(
                text("the name of a Unix group", /^[a-z_][a-z0-9_-]{0,31}$/, 'write it as "www-data"'),
            ),
            port: optional(servicePort),
            readPort: optional(servicePort),
        },
        (args, sound) => {
            const { servers, endpoint, clients } = args;
            const { names = false } = args;
            return [
                ...(sound("servers", "endpoint") ? serversProblems(servers, endpoint) : []),
                ...(sound("servers", "clients", "reads") ? readsProblems(args) : []),
                ...(sound("endpoint", "clients") && names
                    ? aliasProblems("clients", clients, endpoint.name)
                    : []),
                ...defaultNames(component, args, sound("schema")),
                ...(sound("port", "readPort") ? portProblems(args) : []),
            ];
        },
    );
