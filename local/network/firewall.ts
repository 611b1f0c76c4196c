import { CACHE_ADDRESS } from "../cache/address.ts";
import type { FirewallRule, HostFirewall } from "../machines/types.ts";
import { METADATA_ADDRESS } from "./metadata.ts";
import { names, nft } from "./namespaces.ts";

export async function applyFirewall(
    cloud: string,
    id: number,
    gateway: string,
    firewall: HostFirewall | undefined,
): Promise<void> {
    await nft(names.port(cloud, id), firewallRules(gateway, firewall));
}

/**
 * The rules of the port between a host and the switch. Bridged packets show the bridge as their interface, so a
 * mark set where they come in tells the two directions apart; addresses would not do, as a host may hold more.
 * Where only the public side is filtered, what comes from the private one is marked as what goes out.
 */
export function firewallRules(gateway: string, firewall: HostFirewall | undefined): string {
    const [free, filtered] = firewall?.publicInboundOnly
        ? ["host0, host1, uplink1", "uplink0"]
        : ["host0, host1", "uplink0, uplink1"];
    return `table netdev direction {}
delete table netdev direction
table netdev direction {
    chain outbound {
        type filter hook ingress devices = { ${free} } priority 0; policy accept;
        meta protocol ip6 drop
        meta mark set 1
    }
    chain inbound {
        type filter hook ingress devices = { ${filtered} } priority 0; policy accept;
        meta protocol ip6 drop
        meta mark set 2
    }
}
table ip firewall {}
delete table ip firewall
table ip firewall {
    chain forward {
        type filter hook forward priority filter; policy accept;
${firewall === undefined || firewall.publicInboundOnly ? "" : UNNAMED}        ct state established,related accept
${firewall === undefined ? "" : decisions(gateway, firewall)}    }
}
`;
}

/** A cloud firewall blocks what its rules do not allow, and rules name tcp, udp and icmp only: VRRP never passes. */
const UNNAMED = "        ip protocol != { tcp, udp, icmp } drop\n";

function decisions(gateway: string, firewall: HostFirewall): string {
    // What stands for the internet outside (API, metadata, package mirrors) is open to every host.
    const outside = `meta mark 1 ip daddr { ${[gateway, METADATA_ADDRESS, CACHE_ADDRESS].join(", ")} } accept`;
    const lines = [
        firewall.publicInboundOnly ? "meta mark 1 accept" : outside,
        ...firewall.inbound.flatMap((rule) => allowance("meta mark 2", "saddr", rule)),
        ...firewall.outbound.flatMap((rule) => allowance("meta mark 1", "daddr", rule)),
        "drop",
    ];
    return lines.map((line) => `        ${line}\n`).join("");
}

function allowance(direction: string, side: "saddr" | "daddr", rule: FirewallRule): string[] {
    if (rule.peers.length === 0) return [];
    const anyone = rule.peers.includes("0.0.0.0/0");
    // One rule per peer: a set would refuse ranges that overlap.
    const peers = anyone ? [""] : rule.peers.map((peer) => ` ip ${side} ${peer}`);
    return peers.map((peer) => `${direction}${peer} ${protocol(rule)} accept`);
}

function protocol(rule: FirewallRule): string {
    const hasPorts = rule.protocol === "tcp" || rule.protocol === "udp";
    if (!hasPorts || rule.ports === "all" || rule.ports === "0") return `ip protocol ${rule.protocol}`;
    return `${rule.protocol} dport ${rule.ports}`;
}
