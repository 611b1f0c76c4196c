import type { Host } from "../hosts/host.ts";
import { type ReadyHost, type Roll, rollOut } from "../hosts/hosts.ts";
import { byName } from "./endpoint.ts";

/** One member after the other, the first by name last: it is the one that takes the writes, and its turn moves them. */
export function rollMembers(roll: Roll, hosts: ReadyHost[], apply: Parameters<typeof rollOut>[2]): Host[] {
    const rolled = rollOut(
        roll,
        hosts.toSorted((one, other) => byName(other.host, one.host)),
        apply,
    );
    return hosts.map(({ host }) => rolled.find(({ name }) => name === host.name)!);
}
