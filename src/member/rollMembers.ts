import type { Host } from "../hosts/host.ts";
import { type ReadyHost, rollOut } from "../hosts/hosts.ts";
import { byName } from "./endpoint.ts";

/** One member after the other, the first by name last: it is the one that takes the writes, and its turn moves them. */
export function rollMembers(hosts: ReadyHost[], apply: Parameters<typeof rollOut>[1]): Host[] {
    const rolled = rollOut(
        hosts.toSorted((one, other) => byName(other.host, one.host)),
        apply,
    );
    return hosts.map(({ host }) => rolled.find(({ name }) => name === host.name)!);
}
