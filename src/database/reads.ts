import type { Host } from "../hosts/host.ts";
import { type Problem, when } from "../hosts/validation.ts";
import type { DatabaseArgs } from "./args.ts";

/** Where the reads of a client go; undefined is to all readers. */
export function readsOf({ reads = [] }: DatabaseArgs, host: Host): "writer" | string[] | undefined {
    const from = reads.find(({ client }) => client.name === host.name)?.from;
    return Array.isArray(from) ? from.map((host) => host.name) : from;
}

export function readsProblems({ servers, clients, reads = [] }: DatabaseArgs): Problem[] {
    const isOneOf = (hosts: Host[] | undefined, host: Host | undefined) =>
        !!host && !!hosts?.some((each) => each?.name === host.name);
    return reads.flatMap(({ client, from }, i) => [
        ...when(!isOneOf(clients, client), `reads[${i}].client`, "must be one of `clients`"),
        ...when(
            reads.findIndex((each) => each.client?.name === client?.name) < i,
            `reads[${i}].client`,
            "has a rule already: give one for each client",
        ),
        ...(Array.isArray(from)
            ? [
                  ...when(from.length === 0, `reads[${i}].from`, "the list is empty: leave the rule out"),
                  ...from.flatMap((host, j) =>
                      when(!isOneOf(servers, host), `reads[${i}].from[${j}]`, "must be one of `servers`"),
                  ),
              ]
            : when(from !== "writer", `reads[${i}].from`, 'give "writer", or some of `servers`')),
    ]);
}
