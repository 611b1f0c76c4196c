/** The interface that `vrrp-link` makes. */
export const VRRP_LINK = "evenkeel-vrrp";

/** VXLAN's UDP port, to be open among the balancers. */
export const VRRP_LINK_PORT = 4789;

/** Hosts count from 1 in the order of their group: that is their address, and their hardware address, on the link. */
function numberOf(host: string, hosts: string[]): number {
    const index = hosts.indexOf(host);
    if (index < 0) throw new Error(`${host} is none of the balancers ${hosts.join(", ")}`);
    return index + 1;
}

/** A host's address on the link; known before the host has any other. */
export function linkAddress(host: string, hosts: string[]): string {
    return `169.254.113.${numberOf(host, hosts)}`;
}

/** vrrp-link.conf of one host. Hosts are names: their addresses are filled in on the host. */
export function renderVrrpLink(settings: { host: string; hosts: string[]; virtualRouterId: number }): string {
    const { host, hosts, virtualRouterId } = settings;
    const peers = hosts.filter((peer) => peer !== host);
    return `ID=${virtualRouterId}
NUMBER=${numberOf(host, hosts)}
ADDRESS={{address ${host}}}
PEERS=(
${peers.map((peer) => `    ${numberOf(peer, hosts)}={{address ${peer}}}`).join("\n")}
)
`;
}
