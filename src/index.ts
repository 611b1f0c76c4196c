import "./nodeVersion.ts";

export { DatabaseBackups, type DatabaseBackupsArgs } from "./backups/databaseBackups.ts";
export type { BackupBucket, BackupDestination, BackupFolder } from "./backups/destination.ts";
export { Balance, type HttpListener, type PinnedPath } from "./balancer/listeners.ts";
export { LoadBalancerPair, type LoadBalancerPairArgs } from "./balancer/loadBalancerPair.ts";
export { CloudName } from "./clouds/cloud.ts";
export type { DatabaseArgs, DatabaseReads } from "./database/args.ts";
export {
    Database,
    type DatabaseConnection,
    type DatabaseNames,
} from "./database/database.ts";
export { GaleraCluster, type GaleraClusterArgs } from "./galera/galeraCluster.ts";
export type { Host, HostConnection, Placement } from "./hosts/host.ts";
export type { HostsArgs } from "./hosts/hosts.ts";
export { type DatabaseEndpoint, DatabaseKind } from "./member/endpoint.ts";
export { Memcached, type MemcachedArgs } from "./memcached/memcached.ts";
export { ReplicatedMySQL, type ReplicatedMySQLArgs } from "./replicated/replicatedMySQL.ts";
export { Site, type SiteArgs } from "./site/site.ts";
export { WebPool, type WebPoolArgs } from "./web/webPool.ts";
