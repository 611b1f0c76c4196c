import type { Host } from "../hosts/host.ts";
import type { DatabaseEndpoint } from "../member/endpoint.ts";

export interface DatabaseArgs {
    /** The cluster's members: `GaleraCluster.hosts`. */
    servers: Host[];
    /** How to reach them: `GaleraCluster.endpoint`. */
    endpoint: DatabaseEndpoint;
    /**
     * Hosts whose programs use the database; each gets a user that works from there alone. The cluster has to have a
     * connection for each of their workers (`Host.workers`).
     */
    clients: Host[];
    /** Clients whose reads go elsewhere than to any member that is up to date, such as to the writer. @default none */
    reads?: DatabaseReads[];
    /**
     * Whether client hosts also know the cluster by two names, for programs that connect to a member themselves, on its own
     * port: `NAME-rw` is the writer and `NAME-ro` are the members that the client's reads go to, where NAME is the cluster's.
     * A record's time to live is 1 s. @default false
     */
    names?: boolean;
    /** Name of the schema. @default the component's name */
    schema?: string;
    /** Name of the user. @default the schema's name */
    user?: string;
    /** Unix group on the client hosts whose programs may read `connection.optionFile`, such as a `WebPool`'s `user`. @default "root": nobody else */
    group?: string;
    /** Port on each client's loopback that leads to the writer. @default 3306 */
    port?: number;
    /** Port on each client's loopback that leads to a reader. @default 3307 */
    readPort?: number;
}

/** Where the reads of one client go. */
export interface DatabaseReads {
    /** One of `clients`. */
    client: Host;
    /**
     * "writer": the member that takes the writes, whichever it is. Or some of `servers`; of a primary and its replicas,
     * while they are replicas. Others are read from only while none of these answers.
     */
    from: "writer" | Host[];
}
