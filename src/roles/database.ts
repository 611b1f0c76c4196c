import { onHost } from "../hosts/programs.ts";
import { check, file, firewall, healthy, roleText, secret, service } from "../hosts/roleText.ts";
import { type DatabaseProxySettings, databaseProxyConfig } from "../services/databaseProxy.ts";

/** Where a client host has the authority of a cluster's certificates. */
export const endpointCa = (cluster: string) => `/etc/evenkeel/endpoints/${cluster}.pem`;

/** The role of one client host: a HAProxy of its own for each cluster that it uses, whatever else runs there. */
export function endpointText(host: string, settings: Omit<DatabaseProxySettings, "ca" | "monitor">): string {
    const { name } = settings;
    const path = `/etc/evenkeel/endpoints/${name}.cfg`;
    const monitor = `/run/evenkeel-endpoint-${name}/monitor.sock`;
    return roleText(`endpoint-${name}`, host, [
        file({ path: endpointCa(name), text: "{{value ca}}", template: true }),
        file({
            path: "/etc/systemd/system/evenkeel-endpoint@.service",
            text: onHost("database/evenkeel-endpoint@.service"),
        }),
        file({ path, text: databaseProxyConfig({ ...settings, ca: endpointCa(name), monitor }) }),
        check(path, `haproxy -q -c -f ${path}`),
        service(`evenkeel-endpoint@${name}`, "reload"),
        healthy(
            "the writer answers",
            `curl -fsS -m 2 -o /dev/null --unix-socket ${monitor} http://localhost/ready`,
        ),
    ]);
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
