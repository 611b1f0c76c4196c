import { setTimeout as sleep } from "node:timers/promises";
import type { FirewallRule, HostFirewall } from "../machines/types.ts";
import { reason } from "./actions.ts";
import type { Context, FilterState, Filters } from "./context.ts";
import { resolveRule } from "./firewallRules.ts";
import type { Droplet, Firewall } from "./types.ts";

/** The firewalls of a droplet, named by its id or by one of its tags. */
export function firewallsOf({ state }: Context, droplet: Droplet): Firewall[] {
    return state.firewalls.filter(
        (firewall) =>
            firewall.dropletIds.includes(droplet.id) ||
            firewall.tags.some((tag) => droplet.tags.includes(tag)),
    );
}

/** Several firewalls on one droplet add up; without any, everything passes. */
function hostFirewall(context: Context, droplet: Droplet): HostFirewall | undefined {
    const firewalls = firewallsOf(context, droplet);
    if (firewalls.length === 0) return undefined;
    const isRule = (rule: FirewallRule | undefined) => rule !== undefined;
    return {
        inbound: firewalls
            .flatMap((firewall) => firewall.inbound.map((rule) => resolveRule(context, rule, rule.sources)))
            .filter(isRule),
        outbound: firewalls
            .flatMap((firewall) =>
                firewall.outbound.map((rule) => resolveRule(context, rule, rule.destinations)),
            )
            .filter(isRule),
    };
}

const patience = 2000;

export function hostFilters(context: Context): Filters {
    const { state, machines, log } = context;
    const told = new Map<number, { rules: string; state: FilterState; done: Promise<void> }>();

    function tell(droplet: Droplet): Promise<void> {
        const wanted = hostFirewall(context, droplet);
        const rules = JSON.stringify(wanted) ?? "none";
        const former = told.get(droplet.id);
        if (former?.rules === rules && former.state !== "failed") return former.done;
        const entry = { rules, state: "waiting" as FilterState, done: Promise.resolve() };
        entry.done = machines.setFirewall(droplet.id, wanted).then(
            () => {
                entry.state = "succeeded";
            },
            (error) => {
                entry.state = "failed";
                log(`firewall of droplet ${droplet.id} could not be set: ${reason(error)}`);
            },
        );
        told.set(droplet.id, entry);
        return entry.done;
    }

    /** A droplet whose host is not there yet, or soon no more, has nothing to filter. */
    function hasHost({ id, status }: Droplet): boolean {
        const isEnding = state.actions.some(
            ({ type, dropletId, status }) =>
                type === "destroy" && dropletId === id && status === "in-progress",
        );
        return status !== "new" && !isEnding && machines.powerState(id) !== undefined;
    }

    return {
        async apply() {
            for (const id of told.keys()) if (!state.droplets.some((one) => one.id === id)) told.delete(id);
            const all = Promise.all(state.droplets.filter(hasHost).map(tell));
            const ending = new AbortController();
            const enough = sleep(patience, undefined, { signal: ending.signal }).catch(() => {});
            await Promise.race([all, enough]);
            ending.abort();
        },
        stateOf: (dropletId) => told.get(dropletId)?.state ?? "succeeded",
    };
}
