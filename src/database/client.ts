export interface ClientOptions {
    schema: string;
    user: string;
    /** Ports on the client's loopback. */
    writePort: number;
    readPort: number;
}

/** An option file as MariaDB's clients read it; with `--defaults-group-suffix=_read` they come to a reader. */
export function clientOptions({ schema, user, writePort, readPort }: ClientOptions): string {
    return `[client]
host = 127.0.0.1
port = ${writePort}
user = ${user}
password = {{value password}}

[client_read]
port = ${readPort}

[mariadb-client]
database = ${schema}
`;
}
