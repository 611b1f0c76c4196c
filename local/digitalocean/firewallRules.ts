import { isDeepStrictEqual } from "node:util";
import { asBody, type Body, integers, list, requiredString, string, strings } from "../api/input.ts";
import type { FirewallRule } from "../machines/types.ts";
import { isAddressOrRange, isIpv4AddressOrRange } from "../network/addresses.ts";
import type { Context } from "./context.ts";
import { unprocessable } from "./errors.ts";
import { findTag } from "./tags.ts";
import type { InboundRule, OutboundRule, Target } from "./types.ts";

export interface Rules {
    inbound: InboundRule[];
    outbound: OutboundRule[];
}

export function readRules(context: Context, body: Body): Rules {
    return {
        inbound: list(body, "inbound_rules").map((item) => {
            const rule = asBody(item);
            return { ...readProtocol(rule), sources: readTarget(context, rule, "sources") };
        }),
        outbound: list(body, "outbound_rules").map((item) => {
            const rule = asBody(item);
            return { ...readProtocol(rule), destinations: readTarget(context, rule, "destinations") };
        }),
    };
}

export function without<T>(rules: T[], removed: T[]): T[] {
    return rules.filter((rule) => !removed.some((other) => isDeepStrictEqual(rule, other)));
}

function readProtocol(rule: Body): Pick<InboundRule, "protocol" | "ports"> {
    const protocol = requiredString(rule, "protocol");
    if (protocol !== "tcp" && protocol !== "udp" && protocol !== "icmp") {
        throw unprocessable(`protocol must be one of tcp, udp, icmp, not ${protocol}`);
    }
    return { protocol, ports: readPorts(protocol, string(rule, "ports") ?? "") };
}

/** The provider answers "0" for all ports and for ICMP, whichever way they were written. */
function readPorts(protocol: string, ports: string): string {
    if (protocol === "icmp" || ports === "all" || ports === "0") return "0";
    const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(ports);
    const first = Number(match?.[1]);
    const last = Number(match?.[2] ?? match?.[1]);
    if (!match || first < 1 || last > 65535 || first > last) throw unprocessable(`invalid ports: "${ports}"`);
    return ports;
}

function readTarget(context: Context, rule: Body, name: "sources" | "destinations"): Target {
    const body = asBody(rule[name]);
    const addresses = strings(body, "addresses");
    for (const address of addresses) {
        if (!isAddressOrRange(address)) throw unprocessable(`invalid address: "${address}"`);
    }
    const tags = strings(body, "tags");
    for (const tag of tags) {
        if (findTag(context, tag) === undefined) throw unprocessable(`tag "${tag}" does not exist`);
    }
    const target: Target = {
        ...filled("addresses", addresses),
        ...filled("tags", tags),
        ...filled("droplet_ids", integers(body, "droplet_ids")),
        ...filled("load_balancer_uids", strings(body, "load_balancer_uids")),
        ...filled("kubernetes_ids", strings(body, "kubernetes_ids")),
    };
    if (Object.keys(target).length === 0) throw unprocessable(`every rule needs ${name}`);
    return target;
}

function filled<K extends string, T>(name: K, values: T[]): { [key in K]?: T[] } {
    return values.length > 0 ? ({ [name]: values } as { [key in K]: T[] }) : {};
}

/** What a host's filter is told: addresses only. A rule that nobody matches is left out, not opened to all. */
export function resolveRule(
    context: Context,
    rule: Pick<InboundRule, "protocol" | "ports">,
    target: Target,
): FirewallRule | undefined {
    const isNamed = (droplet: { id: number; tags: string[] }) =>
        target.droplet_ids?.includes(droplet.id) ||
        target.tags?.some((name) => {
            const tag = findTag(context, name);
            return tag !== undefined && droplet.tags.includes(tag);
        });
    const members = context.state.droplets.filter(isNamed);
    const peers = [
        ...(target.addresses ?? []).filter(isIpv4AddressOrRange),
        ...members.flatMap((droplet) => [droplet.publicAddress, droplet.privateAddress]),
    ];
    if (peers.length === 0) return undefined;
    const isAll = rule.ports === "0" || rule.ports === "1-65535";
    return { protocol: rule.protocol, ports: isAll ? "all" : rule.ports, peers: [...new Set(peers)] };
}
