import type { FirewallRule, HostFirewall } from "../machines/types.ts";
import { reason } from "./actions.ts";
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

/** Tells each host's filter what changed for it, one round after the other. */
export function firewallApplier(context: Context): () => Promise<void> {
    const applied = new Map<number, string>();
    const failing = new Set<number>();
    let tail: Promise<void> = Promise.resolve();

    async function applyTo(droplet: Droplet): Promise<void> {
        const wanted = hostFirewall(context, droplet);
        const text = JSON.stringify(wanted) ?? "none";
        if (applied.get(droplet.id) === text) return;
        applied.delete(droplet.id);
        try {
            await context.machines.setFirewall(droplet.id, wanted);
            applied.set(droplet.id, text);
            failing.delete(droplet.id);
        } catch (error) {
            failing.add(droplet.id);
            context.log(`firewall of droplet ${droplet.id} could not be set: ${reason(error)}`);
        }
    }

    async function round(): Promise<void> {
        const { droplets } = context.state;
        for (const id of applied.keys())
            if (!droplets.some((droplet) => droplet.id === id)) applied.delete(id);
        // A droplet whose host is not there yet, or no more, has nothing to filter.
        const hasHost = ({ id, status }: Droplet) =>
            status !== "new" && context.machines.powerState(id) !== undefined;
        await Promise.all(droplets.filter(hasHost).map(applyTo));
        for (const firewall of context.state.firewalls) firewall.failed = false;
        for (const droplet of droplets) {
            if (failing.has(droplet.id))
                for (const firewall of firewallsOf(context, droplet)) firewall.failed = true;
        }
    }

    return () => {
        tail = tail.then(round);
        return tail;
    };
}
