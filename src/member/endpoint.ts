import type * as pulumi from "@pulumi/pulumi";
import type { Host } from "../hosts/host.ts";

/** What kind of cluster it is. */
export const DatabaseKind = { galera: "galera", replicated: "replicated" } as const;
export type DatabaseKind = (typeof DatabaseKind)[keyof typeof DatabaseKind];

/** How clients are led to the writer and to the readers of a cluster: plain data, part of its outputs. */
export interface DatabaseEndpoint {
    kind: DatabaseKind;
    /** The cluster's name; unique among the clusters that a client host uses. */
    name: string;
    /** By name; of a Galera cluster's the first that is well takes the writes. */
    members: { name: string; privateAddress: pulumi.Input<string> }[];
    /** Where the members answer SQL to those who speak TLS themselves. */
    port: number;
    /** Where they take sessions from clients' HAProxy, which speaks TLS for its programs. */
    gatePort: number;
    /** Where they tell over HTTPS whether they may be used. */
    healthPort: number;
    /** The authority of the members' certificates, in PEM form. */
    ca: pulumi.Input<string>;
    /** Connections that a member takes at once; without it, nobody looks whether they do for its clients. */
    maxConnections?: number | undefined;
}

/** Whatever the order of a list is, it says nothing. */
export const byName = (one: { name: string }, other: { name: string }) => (one.name < other.name ? -1 : 1);

export const endpointMembers = (hosts: Host[]): DatabaseEndpoint["members"] =>
    hosts.map(({ name, privateAddress }) => ({ name, privateAddress })).toSorted(byName);

/** Names of a cluster's members by what they may be used for; its certificates are good for them, too. */
export const memberAliases = (cluster: string) => ({ writer: `${cluster}-rw`, readers: `${cluster}-ro` });
