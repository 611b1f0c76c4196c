import type { Host } from "../hosts/host.ts";
import { entryOf } from "../hosts/inventory.ts";
import { refuse } from "../hosts/validation.ts";
import type { DatabaseEndpoint } from "../member/endpoint.ts";

/**
 * Connections that a member has of its own: of what looks after it, a backup, a copy for another member, grants and whoever
 * looks; and one for each member, as a replica keeps one at its primary.
 */
const OWN = 8;
const ownConnections = (members: number): number => OWN + members;

/** Notes how many connections the clients of a database may have open at once, unless the cluster does not take so many. */
export function noteConnections(name: string, clients: Host[], endpoint: DatabaseEndpoint): void {
    const by = `Database "${name}"`;
    const workers = clients.map((client) => client.workers ?? 0);
    const members = endpoint.members.map((member) => entryOf(member.name).connections);
    refuse("Database", name, problemsOf(new Map([...members[0]!, [by, workers]]), endpoint));
    for (const connections of members) connections.set(by, workers);
}

/** All that lead to the writer count: each of a cluster's members may be the only one that is left. */
function problemsOf(connections: Map<string, number[]>, { name, members, maxConnections }: DatabaseEndpoint) {
    const wanted = sum([...connections.values()].flat());
    const own = ownConnections(members.length);
    if (maxConnections === undefined || wanted === 0 || wanted + own <= maxConnections) return [];
    const parts = [...connections].filter(([, workers]) => sum(workers) > 0);
    const whose = parts.map(([by, workers]) => `${counted(workers)} of ${by}`).join(" + ");
    const reason = `may open ${wanted} connections at once (${whose}), and ${own} are the cluster's own, but "${name}" takes ${maxConnections}: give the web hosts fewer \`phpWorkers\`, or the cluster \`settings: { max_connections: ${wanted + own} }\``;
    return [{ propertyPath: "clients", reason }];
}

const sum = (numbers: number[]) => numbers.reduce((total, each) => total + each, 0);

/** As "3 hosts x 8 workers", for each number of workers. */
function counted(workers: number[]): string {
    const kinds = [...new Set(workers)].filter((each) => each > 0);
    return kinds
        .map((each) => [workers.filter((other) => other === each).length, each] as const)
        .map(([hosts, each]) => `${hosts} ${hosts === 1 ? "host" : "hosts"} x ${each} workers`)
        .join(" + ");
}
