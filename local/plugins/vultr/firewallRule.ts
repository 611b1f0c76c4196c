import { isIP } from "node:net";
import { number, plan, replacing, string } from "../kit/fields.ts";
import { explained, present } from "../kit/http.ts";
import type { CheckFailure } from "../kit/resource.ts";
import { isUnknown, type Props, text } from "../kit/values.ts";
import { api, unlessGone } from "./api.ts";
import { made, oneOf, shown, vultrResource } from "./shared.ts";

interface FirewallRule {
    id: number;
    ip_type: string;
    protocol: string;
    port: string;
    subnet: string;
    subnet_size: number;
    source?: string;
    notes?: string;
}

const optional = { ...replacing(string), default: "" };

// A rule cannot be changed.
const fields = {
    firewallGroupId: replacing(string),
    ipType: replacing(string),
    notes: optional,
    port: optional,
    protocol: replacing(string),
    source: optional,
    subnet: replacing(string),
    subnetSize: replacing(number),
};

const path = (group: string): string => `/v2/firewalls/${group}/rules`;

async function read(id: string, before: Props): Promise<Props | undefined> {
    const group = text(before.firewallGroupId);
    const found = unlessGone(
        "Firewall rule ID not found",
        api<{ firewall_rule: FirewallRule }>("GET", `${path(group)}/${id}`),
    );
    const rule = (await explained(`error getting firewall rule ${group}`, found))?.firewall_rule;
    return (
        rule &&
        shown(fields, {
            firewallGroupId: group,
            ipType: rule.ip_type,
            protocol: rule.protocol,
            subnet: rule.subnet,
            subnetSize: rule.subnet_size,
            notes: rule.notes,
            port: rule.port,
            source: rule.source,
        })
    );
}

function validate(inputs: Props): CheckFailure[] {
    const failures = oneOf(inputs, {
        ipType: ["v4", "v6"],
        protocol: ["icmp", "tcp", "udp", "gre", "ah", "esp"],
        source: ["", "cloudflare"],
    });
    const subnet = text(inputs.subnet);
    if (isUnknown(subnet) || isIP(subnet) !== 0) return failures;
    const reason = `expected subnet to contain a valid IP, got: ${subnet}`;
    return [...failures, { property: "subnet", reason }];
}

export const firewallRule = vultrResource({
    fields,
    validate,
    async create(inputs) {
        const { ipType, protocol, subnet, subnetSize, port, source, notes } = inputs;
        const request = api<{ firewall_rule: FirewallRule }>("POST", path(text(inputs.firewallGroupId)), {
            ip_type: ipType,
            protocol,
            subnet,
            subnet_size: subnetSize,
            ...present({ port, source, notes }),
        });
        const id = String((await explained("error creating firewall rule ", request)).firewall_rule.id);
        return made(id, plan(fields, inputs), () => read(id, inputs));
    },
    read,
    delete: async (id, olds) => {
        const work = api("DELETE", `${path(text(olds.firewallGroupId))}/${id}`);
        await explained(`error destroying firewall rule ${id}`, work);
    },
});
