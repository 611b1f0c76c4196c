/** Where a member of a cluster has its certificate, its key and the cluster's authority. */
export const MARIADB_TLS = {
    ca: "/etc/mysql/tls/ca.pem",
    cert: "/etc/mysql/tls/cert.pem",
    key: "/etc/mysql/tls/key.pem",
};

/** How MariaDB's settings are written: numbers and words as in its manual. */
export type MariadbSettings = Record<string, string | number | boolean>;

/** Each takes memory of its own, and a 1 GB host has room for so many. */
const MAX_CONNECTIONS = 80;

/** Connections that a member with these settings takes at once; undefined where it is written as no plain number. */
export function maxConnections({ max_connections = MAX_CONNECTIONS }: MariadbSettings): number | undefined {
    if (!/^\d{1,9}$/.test(String(max_connections))) return undefined;
    // What MariaDB makes of less, and of more.
    return Math.min(Math.max(Number(max_connections), 10), 100_000);
}

/** What members of every kind have in common on a 1 GB host, or on a larger one. */
export function memberSettings(host: string): MariadbSettings {
    return {
        bind_address: `{{address ${host}}}`,
        binlog_format: "ROW",
        default_storage_engine: "InnoDB",
        innodb_buffer_pool_size: "{{memory 25}}",
        innodb_log_file_size: "64M",
        innodb_flush_method: "O_DIRECT",
        // Triggers and functions of an application, whose user is no administrator: rows travel as rows, whatever made them.
        log_bin_trust_function_creators: true,
        max_connections: MAX_CONNECTIONS,
        performance_schema: false,
        // Whose session the gate brings is what it says; whoever else is there by the socket is local.
        proxy_protocol_networks: "localhost",
        // Whoever comes by the network comes by TLS, whatever its user says; the gate comes by the socket.
        require_secure_transport: true,
        skip_name_resolve: true,
        ssl_ca: MARIADB_TLS.ca,
        ssl_cert: MARIADB_TLS.cert,
        ssl_key: MARIADB_TLS.key,
    };
}

export function section(name: string, settings: MariadbSettings): string {
    const written = (value: string | number | boolean) =>
        typeof value === "boolean" ? (value ? "ON" : "OFF") : value;
    const lines = Object.entries(settings).map(([key, value]) => `${key} = ${written(value)}\n`);
    return `[${name}]\n${lines.join("")}`;
}

/** Settings that no kind of cluster lets go of. */
export const MEMBER_FIXED = [
    ...["bind_address", "port", "socket", "datadir", "user", "skip_networking", "skip_bind_address"],
    ...["proxy_protocol_networks", "require_secure_transport", "tls_version", "binlog_format"],
];
