import { onHost } from "../hosts/programs.ts";
import {
    check,
    claims,
    common,
    file,
    firewall,
    healthy,
    leave,
    reports,
    type Step,
    secret,
} from "../hosts/roleText.ts";
import { daemon } from "../hosts/units.ts";
import { memberAliases } from "../member/endpoint.ts";
import { clientOptions } from "./client.ts";
import { namesConfig } from "./names.ts";
import { type DatabaseProxySettings, databaseProxyConfig } from "./proxy.ts";

/** Where a client host has the authority of the certificates of a database's cluster. */
export const endpointCa = (database: string) => `/etc/evenkeel/endpoints/${database}.pem`;

/** Where a client host has what a program connects to a database with. */
export const optionFile = (database: string) => `/etc/evenkeel/databases/${database}.cnf`;

/** Of MariaDB the command `mariadb` alone: the option file is for that, too. */
export const endpointPackages = ["curl", "haproxy", "mariadb-client-core"];

/** What it takes to know members by name, beside the endpoint. */
export const namesPackages = ["dnsmasq-base", "python3"];
export const namesPrograms = ["database/database-names", "database/database_names.py"];

export interface EndpointSettings extends Omit<DatabaseProxySettings, "ca" | "monitor" | "stats"> {
    /** The cluster's name. */
    cluster: string;
    /** Whether the host knows the members by name, too. */
    names: boolean;
}

export interface ClientSettings {
    /** The component's name. */
    name: string;
    schema: string;
    user: string;
    /** Unix group that may read the option file. */
    group: string;
}

/** The role of one client host: a HAProxy of its own for each database that it uses, whatever else runs there. */
export function endpointSteps(settings: EndpointSettings, client: ClientSettings): Step[] {
    const { names, writePort, readPort } = settings;
    const { name } = client;
    const options = clientOptions({ ...client, writePort, readPort });
    const path = `/etc/evenkeel/endpoints/${name}.cfg`;
    const monitor = `/run/evenkeel-endpoint-${name}/monitor.sock`;
    const ready = `--unix-socket ${monitor} http://localhost/ready`;
    const stats = names ? `/run/evenkeel-endpoint-${name}/stats.sock` : undefined;
    return [
        claims([`tcp 127.0.0.1:${writePort}`, `tcp 127.0.0.1:${readPort}`]),
        file({ path: endpointCa(name), text: "{{value ca}}", template: true }),
        common(
            file({
                path: "/etc/systemd/system/evenkeel-endpoint@.service",
                text: onHost("database/evenkeel-endpoint@.service"),
            }),
        ),
        file({ path, text: databaseProxyConfig({ ...settings, ca: endpointCa(name), monitor, stats }) }),
        check(path, `haproxy -c -f ${path}`),
        daemon(`evenkeel-endpoint@${name}`, "reload", {
            openFiles: 65_536,
            sandbox: { writes: [], capabilities: ["KILL", "NET_BIND_SERVICE", "SETGID", "SETUID"] },
        }),
        ...(stats === undefined ? [] : nameSteps(name, settings, stats)),
        file({
            path: optionFile(client.name),
            text: options,
            mode: client.group === "root" ? "600" : "640",
            owner: `root:${client.group}`,
            template: true,
        }),
        healthy("the writer answers", `curl -fsS -m 2 -o /dev/null ${ready}`),
        reports("way to the writer", `curl -fsS -m 2 -o /dev/null -w open ${ready}`),
    ];
}

/** dnsmasq's, which leaves root behind, and its keeper's, who ends it. */
const NAME_SERVER = [
    "CHOWN",
    "KILL",
    "NET_ADMIN",
    "NET_BIND_SERVICE",
    "NET_RAW",
    "SETGID",
    "SETPCAP",
    "SETUID",
];

function nameSteps(name: string, { cluster, members, readsFrom }: EndpointSettings, stats: string): Step[] {
    const { writer } = memberAliases(cluster);
    return [
        claims([`the names of ${cluster}`]),
        common(
            file({
                path: "/etc/systemd/system/evenkeel-names@.service",
                text: onHost("database/evenkeel-names@.service"),
            }),
        ),
        file({
            path: `/etc/evenkeel/endpoints/${name}.names.json`,
            text: namesConfig({ name: cluster, members, readsFrom, stats }),
            template: true,
        }),
        daemon(`evenkeel-names@${name}`, "restart", {
            restartDelay: 0.5,
            sandbox: { writes: ["/etc", "/run"], capabilities: NAME_SERVER },
        }),
        healthy(`this host's programs find ${writer}`, `getent ahostsv4 ${writer}`),
    ];
}

export interface GrantsSettings {
    host: string;
    /** The component's name: one file for each on every member. */
    name: string;
    schema: string;
    user: string;
    /** Names of the hosts that may connect. */
    clients: string[];
    /** Ports that they reach. */
    ports: number[];
}

/** The role of one member for one database: its schema, and a user for each client host and for no other. */
export function grantsSteps({ host, name, schema, user, clients, ports }: GrantsSettings): Step[] {
    const path = `/etc/evenkeel/databases/${name}.json`;
    const password = `/etc/evenkeel/databases/${name}.password`;
    const wanted = { schema, user, clients: clients.map((client) => `{{address ${client}}}`), password };
    const others = clients.filter((client) => client !== host);
    return [
        claims([`the database account ${user}`]),
        firewall(others.map((client) => `ip saddr ${client} tcp dport { ${ports.join(", ")} } accept`)),
        secret(password, "password"),
        file({ path, text: `${JSON.stringify(wanted, null, 2)}\n`, template: true }),
        healthy("the schema and its users are there", `/usr/local/lib/evenkeel/database-grants ${path}`),
        leave(`/usr/local/lib/evenkeel/database-grants --revoke ${path}`),
    ];
}
