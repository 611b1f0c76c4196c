import type { Host } from "../hosts/host.ts";
import type { DatabaseEndpoint } from "../member/endpoint.ts";
import type { BackupDestination } from "./destination.ts";

export interface DatabaseBackupsArgs {
    /** The cluster's members: `GaleraCluster.hosts` or `ReplicatedMySQL.hosts`. */
    servers: Host[];
    /** How they are reached: the cluster's `endpoint`. */
    endpoint: DatabaseEndpoint;
    /** Where the backups lie: a folder of a host, or S3-compatible storage. They are encrypted in both. */
    to: BackupDestination;
    /** When, in the words of systemd's OnCalendar; in UTC unless it names a zone. @default nightly, at a minute of the cluster's own between 1:00 and 5:00 UTC */
    schedule?: string;
    /** How many backups are kept; an older one goes when a newer one is whole and was read back. @default 14 */
    keep?: number;
    /** Whether they are compressed. @default true */
    compress?: boolean;
    /** Whether Pulumi refuses to delete the password, without which no backup can be read. @default true */
    deletionProtection?: boolean;
}
