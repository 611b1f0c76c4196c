import { MARIADB_TLS, type MariadbSettings, memberSettings, section } from "../member/mariadb.ts";

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
        // Rows of other engines stay on the member that wrote them: their tables are refused.
        enforce_storage_engine: "InnoDB",
        // Its daemon opens the member that takes the writes.
        read_only: true,
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
