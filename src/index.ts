import "./nodeVersion.ts";

export type { BackupBucket, BackupDestination, BackupFolder } from "./backupDestination.ts";
export { CloudName } from "./clouds/cloud.ts";
export { Database, type DatabaseArgs, type DatabaseConnection, type DatabaseNames } from "./database.ts";
export { DatabaseBackups, type DatabaseBackupsArgs } from "./databaseBackups.ts";
export { type DatabaseEndpoint, DatabaseKind } from "./databaseEndpoint.ts";
export type { DatabaseReads } from "./databaseReads.ts";
export { GaleraCluster, type GaleraClusterArgs } from "./galeraCluster.ts";
export type { Host, HostConnection, Placement } from "./hosts/host.ts";
export type { HostsArgs } from "./hosts/hosts.ts";
export { Balance, type HttpListener, type PinnedPath } from "./listeners.ts";
export { LoadBalancerPair, type LoadBalancerPairArgs } from "./loadBalancerPair.ts";
export { ReplicatedMySQL, type ReplicatedMySQLArgs } from "./replicatedMySQL.ts";
export { Site, type SiteArgs } from "./site.ts";
export { WebPool, type WebPoolArgs } from "./webPool.ts";
