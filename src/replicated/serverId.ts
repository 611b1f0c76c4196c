import { createHash } from "node:crypto";
import { type Problem, when } from "../hosts/validation.ts";

/** A host's id among MariaDB's servers: 32 bits of its name, and never 0. */
export const serverId = (host: string): number =>
    createHash("sha256").update(host).digest().readUInt32BE() || 1;

/** Of a few hosts no two have one id but by a chance of one in a thousand million. */
export function serverIdProblems(propertyPath: string, hosts: string[]): Problem[] {
    const first = new Map<number, string>();
    return hosts.flatMap((host) => {
        const other = first.get(serverId(host)) ?? host;
        first.set(serverId(host), other);
        return when(
            other !== host,
            propertyPath,
            `"${other}" and "${host}" would have the same server id, ${serverId(host)}: give one of them another name`,
        );
    });
}
