import { isIPv4, isIPv6 } from "node:net";
import type { Filtered } from "../api/filters.ts";
import { type Body, integer, requiredString, string } from "../api/input.ts";
import type { HostFirewall } from "../machines/types.ts";
import type { Context } from "./context.ts";
import { invalid, notLocal } from "./errors.ts";
import { listedInstances } from "./find.ts";
import { isOn } from "./instanceView.ts";
import type { FirewallGroup, FirewallRule, Instance } from "./types.ts";

const protocols = ["tcp", "udp", "icmp", "gre", "esp", "ah"] as const;

export function readRule(body: Body): Omit<FirewallRule, "id"> {
    const ipType = requiredString(body, "ip_type");
    if (ipType !== "v4" && ipType !== "v6") throw invalid("Invalid IP type");
    const asked = requiredString(body, "protocol").toLowerCase();
    const protocol = protocols.find((known) => known === asked);
    if (!protocol) throw invalid("Invalid protocol");
    const subnet = requiredString(body, "subnet");
    const size = integer(body, "subnet_size") ?? -1;
    const isSubnet = ipType === "v4" ? isIPv4(subnet) && size <= 32 : isIPv6(subnet) && size <= 128;
    if (!isSubnet || size < 0) throw invalid("Invalid subnet");
    const source = string(body, "source") ?? "";
    if (source) throw notLocal(`The source "${source}" of a firewall rule`);
    const hasPorts = protocol === "tcp" || protocol === "udp";
    const port = hasPorts ? readPort(string(body, "port") ?? "") : "";
    return { ipType, protocol, subnet, size, port, source, notes: string(body, "notes") ?? "" };
}

function readPort(port: string): string {
    const match = /^(\d{1,5})(?::(\d{1,5}))?$/.exec(port);
    const first = Number(match?.[1]);
    const last = Number(match?.[2] ?? match?.[1]);
    if (!match || first < 1 || last > 65535 || first > last) throw invalid("Invalid port");
    return port;
}

export const ruleView = (rule: FirewallRule) => ({
    id: rule.id,
    type: rule.ipType,
    ip_type: rule.ipType,
    action: "accept",
    protocol: rule.protocol,
    port: rule.port,
    subnet: rule.subnet,
    subnet_size: rule.size,
    source: rule.source,
    notes: rule.notes,
});

/** A group filters what comes in from outside; a VPC's own traffic passes, and so does all that goes out. */
function hostFirewall({ rules }: FirewallGroup): HostFirewall {
    const inbound = rules
        .filter(({ ipType }) => ipType === "v4")
        .map(({ protocol, port, subnet, size }) => ({
            protocol,
            ports: port === "" || port === "1:65535" ? "all" : port.replace(":", "-"),
            peers: [`${subnet}/${size}`],
        }));
    return { publicInboundOnly: true, inbound, outbound: [] };
}

/** One that is being installed has nothing to filter before its host is on, and nobody waits for that. */
export function filteredInstances(context: Context): Filtered[] {
    const isThere = (instance: Instance) => instance.status !== "pending" || isOn(context, instance);
    return listedInstances(context)
        .filter(isThere)
        .map(({ id, hostId, groupId }) => {
            const group = context.state.groups.find((candidate) => candidate.id === groupId);
            return { hostId, label: `instance ${id}`, firewall: group && hostFirewall(group) };
        });
}
