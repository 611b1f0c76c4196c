import { type Problem, when } from "../hosts/validation.ts";

/** Where a member of a cluster has its certificate, its key and the cluster's authority. */
export const MARIADB_TLS = {
    ca: "/etc/mysql/tls/ca.pem",
    cert: "/etc/mysql/tls/cert.pem",
    key: "/etc/mysql/tls/key.pem",
};

/** How MariaDB's settings are written: numbers and words as in its manual. */
export type MariadbSettings = Record<string, string | number | boolean>;

export interface GaleraSettings {
    /** The member that this text is for. */
    host: string;
    cluster: string;
    /**
     * Seconds of silence after which a member is suspected to be gone. With 1.5 a killed member stalls writes for 2.6 s,
     * with Galera's own 5 for 6.3 s (measured).
     */
    suspectTimeout: number;
    /** Settings of MariaDB's own that go over the computed ones. */
    settings: MariadbSettings;
}

/**
 * MariaDB 10.11's part of a Galera member of a 1 GB host, or of a larger one: `{{memory N}}` is N percent of its memory.
 * The members' names are in a file of their own, so that a member more or less changes nothing here.
 */
export function galeraConfig({ host, cluster, suspectTimeout, settings }: GaleraSettings): string {
    const computed: MariadbSettings = {
        ...memberSettings(host),
        innodb_autoinc_lock_mode: 2,
        wsrep_on: true,
        wsrep_provider: "/usr/lib/galera/libgalera_smm.so",
        wsrep_provider_options: `"${providerOptions({ "gcache.size": "128M", "gcache.recover": "yes", ...groupOptions(suspectTimeout, MARIADB_TLS) })}"`,
        wsrep_cluster_name: cluster,
        wsrep_node_name: host,
        wsrep_node_address: `{{address ${host}}}`,
        wsrep_slave_threads: 2,
        wsrep_sst_method: "mariabackup",
        // The account is the system's own: no password is anywhere.
        wsrep_sst_auth: "mysql:",
    };
    return `${section("mariadbd", { ...computed, ...settings })}
${section("sst", { "ssl-mode": "VERIFY_CA" })}`;
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
        max_connections: 80,
        performance_schema: false,
        // Whoever comes by the network comes by TLS, whatever its user says.
        require_secure_transport: true,
        skip_name_resolve: true,
        ssl_ca: MARIADB_TLS.ca,
        ssl_cert: MARIADB_TLS.cert,
        ssl_key: MARIADB_TLS.key,
    };
}

/** The file that names the members: read by a member that starts, and by no one else. */
export function galeraMembers(members: string[]): string {
    return section("mariadbd", { wsrep_cluster_address: `gcomm://${members.join(",")}` });
}

/** Galera's options that all who vote share: when a silent one is given up, and TLS among them. */
export function groupOptions(suspectTimeout: number, tls: typeof MARIADB_TLS): Record<string, string> {
    const seconds = (value: number) => `PT${Number(value.toFixed(2))}S`;
    return {
        "evs.keepalive_period": seconds(suspectTimeout / 5),
        "evs.inactive_check_period": seconds(suspectTimeout / 10),
        // The members agree on who is left by messages of which one in this time gets an answer; Galera's own is 1 s.
        "evs.join_retrans_period": seconds(suspectTimeout / 5),
        "evs.suspect_timeout": seconds(suspectTimeout),
        "evs.inactive_timeout": seconds(suspectTimeout * 2),
        "evs.install_timeout": seconds(suspectTimeout * 2),
        "socket.ssl_ca": tls.ca,
        "socket.ssl_cert": tls.cert,
        "socket.ssl_key": tls.key,
    };
}

/** Galera's options as it reads them. */
export const providerOptions = (options: Record<string, string>): string =>
    Object.entries(options)
        .map(([name, value]) => `${name}=${value}`)
        .join(";");

export function section(name: string, settings: MariadbSettings): string {
    const written = (value: string | number | boolean) =>
        typeof value === "boolean" ? (value ? "ON" : "OFF") : value;
    const lines = Object.entries(settings).map(([key, value]) => `${key} = ${written(value)}\n`);
    return `[${name}]\n${lines.join("")}`;
}

/** Settings that no kind of cluster lets go of. */
export const MEMBER_FIXED = [
    ...["bind_address", "port", "socket", "datadir", "user", "skip_networking", "skip_bind_address"],
    ...["require_secure_transport", "tls_version", "binlog_format"],
];

/** Settings that a cluster stands on: whole families by their first word, and single ones by their names. */
export interface FixedSettings {
    families: string[];
    names: string[];
}

export function settingProblems(fixed: FixedSettings, settings: MariadbSettings = {}): Problem[] {
    return Object.entries(settings).flatMap(([key, value]) => [
        ...when(!/^[a-z][a-z0-9_]*$/.test(key), `settings.${key}`, "is not the name of a MariaDB setting"),
        ...when(isFixed(fixed, key), `settings.${key}`, "is the cluster's own: it cannot be set"),
        ...when(/[\r\n]/.test(String(value)), `settings.${key}`, "holds more than one line"),
    ]);
}

/** MariaDB takes any beginning of a name that is no other's, and some words before it. */
function isFixed({ families, names }: FixedSettings, key: string): boolean {
    const name = key.replace(/^((loose|skip|disable|enable|maximum)_)+/, "");
    return (
        families.some((family) => name === family || name.startsWith(`${family}_`)) ||
        names.some((each) => each.startsWith(name) || each === key)
    );
}
