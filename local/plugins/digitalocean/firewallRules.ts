import { type Field, number, numberSet, recorded, string, stringSet } from "../kit/fields.ts";
import { present } from "../kit/http.ts";
import type { CheckFailure } from "../kit/resource.ts";
import { isObject, isUnknown, list, type Props, text, type Value } from "../kit/values.ts";

type Side = "source" | "destination";

/** The names of the other side's kinds, here and in the API. */
const kinds: [string, string][] = [
    ["Addresses", "addresses"],
    ["DropletIds", "droplet_ids"],
    ["KubernetesIds", "kubernetes_ids"],
    ["LoadBalancerUids", "load_balancer_uids"],
    ["Tags", "tags"],
];

function rules(side: Side): Field {
    const peers = kinds.map(([name, api]) => [side + name, api === "droplet_ids" ? numberSet : stringSet]);
    return {
        type: "set",
        of: { type: "object", fields: { portRange: string, protocol: string, ...Object.fromEntries(peers) } },
    };
}

export const inboundRules = rules("source");
export const outboundRules = rules("destination");
export const pendingChanges: Field = {
    type: "list",
    of: { type: "object", fields: { dropletId: number, removing: { type: "boolean" }, status: string } },
    output: true,
};

export interface ApiRule {
    protocol: string;
    ports?: string;
    sources?: Record<string, Value[]>;
    destinations?: Record<string, Value[]>;
}

export function toApi(value: Value | undefined, side: Side): Record<string, unknown>[] | null {
    const given = list(value).filter(isObject);
    if (given.length === 0) return null;
    return given.map((rule) => {
        const peers = present(Object.fromEntries(kinds.map(([name, api]) => [api, rule[side + name]])));
        return { protocol: rule.protocol, ...present({ ports: rule.portRange }), [`${side}s`]: peers };
    });
}

export function fromApi(rules: ApiRule[] | null | undefined, side: Side): Value[] {
    const field = side === "source" ? inboundRules : outboundRules;
    const flat = (rules ?? []).map((rule): Props => {
        const peers = rule[`${side}s`] ?? {};
        return {
            protocol: rule.protocol,
            portRange: portRange(rule),
            ...Object.fromEntries(
                kinds.map(([name, api]): [string, Value] => [side + name, peers[api] ?? []]),
            ),
        };
    });
    return list(recorded(field, flat));
}

// "0" is how the API says "all", and also how it says "none" for ICMP.
function portRange({ protocol, ports }: ApiRule): string {
    if (ports === "0") return protocol === "icmp" ? "" : "all";
    return ports ?? "";
}

export function validateRules(inputs: Props): CheckFailure[] {
    if (isUnknown(inputs.inboundRules) || isUnknown(inputs.outboundRules)) return [];
    const failures: CheckFailure[] = [];
    if (list(inputs.inboundRules).length + list(inputs.outboundRules).length === 0)
        failures.push({ property: "", reason: "At least one rule must be specified" });
    for (const property of ["inboundRules", "outboundRules"]) {
        const lacking = list(inputs[property])
            .filter(isObject)
            .some((rule) => text(rule.protocol) !== "icmp" && !rule.portRange);
        const direction = property === "inboundRules" ? "inbound" : "outbound";
        const reason = `\`port_range\` of ${direction} rules is required if protocol is \`tcp\` or \`udp\``;
        if (lacking) failures.push({ property, reason });
    }
    return failures;
}
