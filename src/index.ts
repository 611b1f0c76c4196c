import "./nodeVersion.ts";

export {
    type Acme,
    type AcmeCertificate,
    AcmeChallenge,
    type AcmeDns,
    DnsProvider,
} from "./acme/args.ts";
export type { AppJob, AppPool, MailRelay, WebAppArgs } from "./app/args.ts";
export { WebApp } from "./app/webApp.ts";
export type { DatabaseBackupsArgs } from "./backups/args.ts";
export { DatabaseBackups } from "./backups/databaseBackups.ts";
export type { BackupBucket, BackupDestination, BackupFolder } from "./backups/destination.ts";
export { BalancerEngineName, Failover, type LoadBalancerPairArgs } from "./balancer/args.ts";
export {
    Balance,
    type BalancedPool,
    type ClientLimits,
    type HttpListener,
    type HttpPool,
    type PinnedPath,
    type Route,
    type Stickiness,
    StickyBy,
    type TcpListener,
} from "./balancer/listeners.ts";
export { LoadBalancerPair } from "./balancer/loadBalancerPair.ts";
export type { CertificateArgs, TlsArgs } from "./balancer/tls.ts";
export { type CloudFirewall, CloudName } from "./clouds/cloud.ts";
export type { DatabaseArgs, DatabaseReads } from "./database/args.ts";
export {
    Database,
    type DatabaseConnection,
    type DatabaseNames,
} from "./database/database.ts";
export { estimate } from "./estimate/declared.ts";
export type { CloudEstimate, Estimate, EstimateRow } from "./estimate/estimate.ts";
export type { Measured } from "./estimate/measured.ts";
export type { GaleraClusterArgs } from "./galera/args.ts";
export { GaleraCluster } from "./galera/galeraCluster.ts";
export type { Host, HostConnection, HostsArgs, Placement, Upgrade } from "./hosts/host.ts";
export { type DatabaseEndpoint, DatabaseKind } from "./member/endpoint.ts";
export { Memcached, type MemcachedArgs } from "./memcached/memcached.ts";
export type { ReplicatedMySQLArgs } from "./replicated/args.ts";
export { ReplicatedMySQL } from "./replicated/replicatedMySQL.ts";
export type { PhpPool, SessionStoreArgs } from "./sessions/args.ts";
export { SessionStore } from "./sessions/sessionStore.ts";
export type { SiteArgs } from "./site/args.ts";
export { Site } from "./site/site.ts";
export { type FileSyncArgs, type SyncConflicts, SyncMode } from "./sync/args.ts";
export { FileSync } from "./sync/fileSync.ts";
export type { Gate, PageCache, PoolGroup, Release, WebPoolArgs } from "./web/args.ts";
export { EngineName } from "./web/engine.ts";
export { WebPool } from "./web/webPool.ts";
export { Editors, type ObjectCache, type WordPressArgs } from "./wordpress/args.ts";
export { WordPress } from "./wordpress/wordPress.ts";
