import { peer } from "../hosts/arguments.ts";
import type { Host } from "../hosts/host.ts";
import { certificate, componentName, port } from "../hosts/names.ts";
import { input, number, object, oneOf, optional, someOf } from "../hosts/shape.ts";
import { type Problem, quoted, when } from "../hosts/validation.ts";
import { type DatabaseEndpoint, DatabaseKind, memberAliases } from "./endpoint.ts";

/** A cluster's `endpoint`. */
export const endpoint = object<DatabaseEndpoint>("the cluster's `endpoint`", {
    kind: oneOf("a kind of cluster", Object.values(DatabaseKind)),
    name: componentName,
    members: someOf("the cluster's members", peer),
    port,
    gatePort: port,
    healthPort: port,
    ca: input(certificate),
    maxConnections: optional(number("a number of connections", { from: 1, to: 100_000 })),
});

/** Every member, and none of another cluster. */
export function serversProblems(
    servers: Pick<Host, "name">[],
    { name, members }: DatabaseEndpoint,
    at = "servers",
): Problem[] {
    const strangers = servers.filter((host) => !members.some((member) => member.name === host.name));
    const absent = members.filter((member) => !servers.some((host) => host.name === member.name));
    const all = (hosts: { name: string }[]) => hosts.map((host) => quoted(host.name)).join(", ");
    return [
        ...when(strangers.length > 0, at, `${all(strangers)}: no member of the cluster "${name}"`),
        ...when(
            absent.length > 0,
            at,
            `${all(absent)} of the cluster "${name}" is missing: give its \`hosts\``,
        ),
    ];
}

/** Hosts that are called what a cluster's members are together. */
export function aliasProblems(at: string, hosts: { name: string }[], cluster: string): Problem[] {
    const taken: string[] = Object.values(memberAliases(cluster));
    return hosts.flatMap(({ name }, i) =>
        when(
            taken.includes(name),
            `${at}[${i}].name`,
            `"${name}" is what members of the cluster "${cluster}" are called by`,
        ),
    );
}
