import type { Filtered } from "../api/filters.ts";
import type { FirewallRule, HostFirewall } from "../machines/types.ts";
import type { Context } from "./context.ts";
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

/** A droplet whose host is not there yet, or soon no more, has nothing to filter. */
export function filteredDroplets(context: Context): Filtered[] {
    const { droplets, actions } = context.state;
    const isEnding = ({ id }: Droplet) =>
        actions.some(
            ({ type, dropletId, status }) =>
                type === "destroy" && dropletId === id && status === "in-progress",
        );
    return droplets
        .filter((droplet) => droplet.status !== "new" && !isEnding(droplet))
        .map((droplet) => ({
            hostId: droplet.id,
            label: `droplet ${droplet.id}`,
            firewall: hostFirewall(context, droplet),
        }));
}
