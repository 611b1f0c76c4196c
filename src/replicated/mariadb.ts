import { type MariadbSettings, memberSettings, section } from "../member/mariadb.ts";

export interface ReplicatedSettings {
    /** The member that this text is for. */
    host: string;
    /** Unique among the members. */
    serverId: number;
    /** Seconds from which on a statement is written into the slow query log. */
    slowQuerySeconds: number;
    /** Settings of MariaDB's own that go over the computed ones. */
    settings: MariadbSettings;
}

/** A primary's wait for an acknowledgement: for ever, as a write that only it holds would be lost with it. In ms, 49 days. */
const ACKNOWLEDGE_TIMEOUT_MS = 4_294_967_295;

/**
 * MariaDB 10.11's part of a member of a replicated cluster. Every member starts as a replica that replicates from nobody;
 * the daemon beside it makes it the primary, or has it follow one.
 */
export function replicatedConfig(settings: ReplicatedSettings): string {
    const { host, serverId, slowQuerySeconds } = settings;
    const computed: MariadbSettings = {
        ...memberSettings(host),
        server_id: serverId,
        log_bin: "binlog",
        relay_log: "relay",
        log_slave_updates: true,
        gtid_domain_id: 0,
        gtid_strict_mode: true,
        binlog_expire_logs_seconds: 7 * 24 * 3600,
        read_only: true,
        skip_slave_start: true,
        relay_log_recovery: true,
        // A replica that hears nothing cannot be stopped for so many seconds; the primary says something four times a second.
        slave_net_timeout: 1,
        sync_binlog: 1,
        innodb_flush_log_at_trx_commit: 1,
        // Its daemon turns that off, before it replicates, while the member has no vote.
        rpl_semi_sync_slave_enabled: true,
        // A replica that stops first tells its primary; of one that is gone it waits for that and 2 s more.
        rpl_semi_sync_slave_kill_conn_timeout: 1,
        rpl_semi_sync_master_wait_point: "AFTER_SYNC",
        rpl_semi_sync_master_wait_no_slave: true,
        rpl_semi_sync_master_timeout: ACKNOWLEDGE_TIMEOUT_MS,
        slow_query_log: true,
        slow_query_log_file: "/var/log/mysql/slow.log",
        long_query_time: slowQuerySeconds,
    };
    return section("mariadbd", { ...computed, ...settings.settings });
}
