import { onHost } from "../hosts/programs.ts";
import { check, file, firewall, healthy, roleText, type Step, secret, service } from "../hosts/roleText.ts";
import { memberAliases } from "../member/endpoint.ts";
import { clientOptions } from "./client.ts";
import { namesConfig } from "./names.ts";
import { type DatabaseProxySettings, databaseProxyConfig } from "./proxy.ts";

/** Where a client host has the authority of a cluster's certificates. */
export const endpointCa = (cluster: string) => `/etc/evenkeel/endpoints/${cluster}.pem`;

/** Where a client host has what a program connects to a database with. */
export const optionFile = (database: string) => `/etc/evenkeel/databases/${database}.cnf`;

/** Of MariaDB the command `mariadb` alone: the option file is for that, too. */
export const endpointPackages = ["curl", "haproxy", "mariadb-client-core"];

/** What it takes to know members by name, beside the endpoint. */
export const namesPackages = ["dnsmasq-base", "python3"];
export const namesPrograms = ["database/database-names", "database/database_names.py"];

export interface EndpointSettings extends Omit<DatabaseProxySettings, "ca" | "monitor" | "stats"> {
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

/** The role of one client host: a HAProxy of its own for each cluster that it uses, whatever else runs there. */
export function endpointText(host: string, settings: EndpointSettings, client: ClientSettings): string {
    const { name, names, writePort, readPort } = settings;
    const options = clientOptions({ ...client, writePort, readPort, ca: endpointCa(name) });
    const path = `/etc/evenkeel/endpoints/${name}.cfg`;
    const monitor = `/run/evenkeel-endpoint-${name}/monitor.sock`;
    const stats = names ? `/run/evenkeel-endpoint-${name}/stats.sock` : undefined;
    return roleText(`endpoint-${name}`, host, [
        file({ path: endpointCa(name), text: "{{value ca}}", template: true }),
        file({
            path: "/etc/systemd/system/evenkeel-endpoint@.service",
            text: onHost("database/evenkeel-endpoint@.service"),
        }),
        file({ path, text: databaseProxyConfig({ ...settings, ca: endpointCa(name), monitor, stats }) }),
        check(path, `haproxy -q -c -f ${path}`),
        service(`evenkeel-endpoint@${name}`, "reload"),
        ...(stats === undefined ? [] : nameSteps(settings, stats)),
        file({
            path: optionFile(client.name),
            text: options,
            mode: client.group === "root" ? "600" : "640",
            owner: `root:${client.group}`,
            template: true,
        }),
        healthy(
            "the writer answers",
            `curl -fsS -m 2 -o /dev/null --unix-socket ${monitor} http://localhost/ready`,
        ),
    ]);
}

/** The unit has the instance's own name: it goes with this role's other files. */
function nameSteps({ name, members, readsFrom }: EndpointSettings, stats: string): Step[] {
    const { writer } = memberAliases(name);
    return [
        file({
            path: `/etc/systemd/system/evenkeel-names@${name}.service`,
            text: onHost("database/evenkeel-names@.service"),
        }),
        file({
            path: `/etc/evenkeel/endpoints/${name}.names.json`,
            text: namesConfig({ name, members, readsFrom, stats }),
            template: true,
        }),
        service(`evenkeel-names@${name}`, "reload"),
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
export function grantsText({ host, name, schema, user, clients, ports }: GrantsSettings): string {
    const path = `/etc/evenkeel/databases/${name}.json`;
    const password = `/etc/evenkeel/databases/${name}.password`;
    const wanted = { schema, user, clients: clients.map((client) => `{{address ${client}}}`), password };
    const others = clients.filter((client) => client !== host);
    return roleText(`database-${name}`, host, [
        firewall(others.map((client) => `ip saddr ${client} tcp dport { ${ports.join(", ")} } accept`)),
        secret(password, "password"),
        file({ path, text: `${JSON.stringify(wanted, null, 2)}\n`, template: true }),
        healthy("the schema and its users are there", `/usr/local/lib/evenkeel/database-grants ${path}`),
    ]);
}
