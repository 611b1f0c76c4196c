import type { HostsArgs } from "../hosts/host.ts";

export interface ReplicatedMySQLArgs extends HostsArgs {
    /**
     * One primary and its replicas, 3 or more. Three of them vote: they elect the primary, and every acknowledged write is
     * on two of them; further ones serve reads, and take the place of a voter that leaves.
     * @default 3
     */
    hostCount?: number;
    /**
     * Seconds of silence after which the primary is taken for dead, 0.5 to 60. One whose own host says that MariaDB has
     * ended is replaced at once.
     * @default 2
     */
    suspectTimeout?: number;
    /** Seconds of lag, 2 or more, from which on a replica gets no more reads; it does again when it lags half as much. @default 5 */
    maxLag?: number;
    /** Seconds from which on a statement is written into /var/log/mysql/slow.log. @default 1 */
    slowQuerySeconds?: number;
    /**
     * Settings of MariaDB by the names of its manual; they go over the computed ones. `max_connections`, 80 by default, has to
     * do for the workers of all clients (`WebPool.phpWorkers`): a `Database` that goes beyond it is refused.
     */
    settings?: Record<string, string | number | boolean>;
    /** Whether Pulumi refuses to delete the cluster: its rows would go with its hosts. @default true */
    deletionProtection?: boolean;
}
