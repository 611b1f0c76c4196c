import { peer, peers } from "../hosts/arguments.ts";
import type { Host } from "../hosts/host.ts";
import { type Check, listOf, object, oneOf } from "../hosts/shape.ts";
import { type Problem, when } from "../hosts/validation.ts";
import type { DatabaseArgs, DatabaseReads } from "./args.ts";

/** Where the reads of a client go; undefined is to all readers. */
export function readsOf({ reads = [] }: DatabaseArgs, host: Host): "writer" | string[] | undefined {
    const from = reads.find(({ client }) => client.name === host.name)?.from;
    return Array.isArray(from) ? from.map((host) => host.name) : from;
}

const writer = oneOf('"writer", or some of `servers`', ["writer"]);
const from: Check = (at, value) => (typeof value === "string" ? writer(at, value) : peers(at, value));

/** Each rule by itself. */
export const reads = listOf<DatabaseReads>(
    "rules: `{ client, from }`",
    object<DatabaseReads>("a rule: `{ client, from }`", { client: peer, from }),
);

/** The rules with each other, and with the hosts that there are. */
export function readsProblems({ servers, clients, reads = [] }: DatabaseArgs): Problem[] {
    const isOneOf = (hosts: Host[], host: Host) => hosts.some((each) => each.name === host.name);
    return reads.flatMap(({ client, from }, i) => [
        ...when(!isOneOf(clients, client), `reads[${i}].client`, "must be one of `clients`"),
        ...when(
            reads.findIndex((each) => each.client.name === client.name) < i,
            `reads[${i}].client`,
            "has a rule already: give one for each client",
        ),
        ...(from === "writer" ? [] : from).flatMap((host, j) =>
            when(!isOneOf(servers, host), `reads[${i}].from[${j}]`, "must be one of `servers`"),
        ),
    ]);
}
