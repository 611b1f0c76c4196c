import { setTimeout as sleep } from "node:timers/promises";
import type { HostFirewall } from "../machines/types.ts";
import { reason } from "./background.ts";
import type { CloudContext } from "./context.ts";

/** The hosts' firewalls, to be brought in line whenever hosts or firewalls change. */
export interface Filters {
    /** Tells each host's filter what changed for it. A host that is busy, shutting down say, is not waited for long. */
    apply(): Promise<void>;
    stateOf(hostId: number): FilterState;
}

export type FilterState = "waiting" | "succeeded" | "failed";

export interface Filtered {
    hostId: number;
    /** What the provider calls the host, such as "droplet 1001". */
    label: string;
    /** Undefined: everything passes. */
    firewall: HostFirewall | undefined;
}

const patience = 2000;

/** `wanted` tells of each host that is there what its filter has to be. */
export function hostFilters(
    { machines, log }: Pick<CloudContext, "machines" | "log">,
    wanted: () => Filtered[],
): Filters {
    const told = new Map<number, { rules: string; state: FilterState; done: Promise<void> }>();

    function tell({ hostId, label, firewall }: Filtered): Promise<void> {
        const rules = JSON.stringify(firewall) ?? "none";
        const former = told.get(hostId);
        if (former?.rules === rules && former.state !== "failed") return former.done;
        const entry = { rules, state: "waiting" as FilterState, done: Promise.resolve() };
        entry.done = machines.setFirewall(hostId, firewall).then(
            () => {
                entry.state = "succeeded";
            },
            (error) => {
                entry.state = "failed";
                log(`firewall of ${label} could not be set: ${reason(error)}`);
            },
        );
        told.set(hostId, entry);
        return entry.done;
    }

    return {
        async apply() {
            const hosts = wanted().filter(({ hostId }) => machines.powerState(hostId) !== undefined);
            for (const id of told.keys()) if (!hosts.some(({ hostId }) => hostId === id)) told.delete(id);
            const all = Promise.all(hosts.map(tell));
            const ending = new AbortController();
            const enough = sleep(patience, undefined, { signal: ending.signal }).catch(() => {});
            await Promise.race([all, enough]);
            ending.abort();
        },
        stateOf: (hostId) => told.get(hostId)?.state ?? "succeeded",
    };
}
