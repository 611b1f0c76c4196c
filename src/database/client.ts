export interface ClientOptions {
    schema: string;
    user: string;
    /** Ports on the client's loopback. */
    writePort: number;
    readPort: number;
    /** File with the authority of the members' certificates. */
    ca: string;
}

/** An option file as MariaDB's clients read it; with `--defaults-group-suffix=_read` they come to a reader. */
export function clientOptions({ schema, user, writePort, readPort, ca }: ClientOptions): string {
    return `[client]
host = 127.0.0.1
port = ${writePort}
user = ${user}
password = {{value password}}
ssl-ca = ${ca}
ssl-verify-server-cert

[client_read]
port = ${readPort}

[mariadb-client]
database = ${schema}
`;
}
