/** The interface that `vrrp-link` makes for a pair. */
export const vrrpLink = (virtualRouterId: number) => `evenkeel-vr${virtualRouterId}`;

/** Where `vrrp-link` writes the addresses of hosts that have left the pair. */
export const formerPeers = (pair: string) => `/run/evenkeel-vrrp-link-${pair}/left`;

/** VXLAN's UDP port, to be open among the balancers. */
export const VRRP_LINK_PORT = 4789;

/** Addresses on a link: a /26, so that none is the cloud's metadata service, 169.254.169.254. */
const NUMBERS = 62;

export interface VrrpLinkSettings {
    /** The host that this is for; one of `hosts`. */
    host: string;
    hosts: string[];
    virtualRouterId: number;
}

/** Each host's number on the link, by its name: another order changes none, and another host hardly ever one. */
function numbersOf(hosts: string[]): Map<string, number> {
    const numbers = new Map<string, number>();
    for (const host of hosts.toSorted()) {
        let number = [...host].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % NUMBERS, 0);
        while ([...numbers.values()].includes(number + 1)) number = (number + 1) % NUMBERS;
        numbers.set(host, number + 1);
    }
    return numbers;
}

/**
 * An address of the link that no host of the group has. Who is alone speaks to it: keepalived takes unicast without peers for
 * multicast, which is another instance to it, and a second host would begin with an address that nobody has for a moment.
 */
export function nobodysAddress({ hosts, virtualRouterId }: Omit<VrrpLinkSettings, "host">): string {
    const taken = [...numbersOf(hosts).values()];
    return `169.254.${virtualRouterId}.${taken.includes(NUMBERS) ? NUMBERS - 1 : NUMBERS}`;
}

function numberOf(host: string, hosts: string[]): number {
    const number = numbersOf(hosts).get(host);
    if (number === undefined) throw new Error(`${host} is none of the balancers ${hosts.join(", ")}`);
    return number;
}

/** A host's address on the link; known before the host has any other. */
export function linkAddress({ host, hosts, virtualRouterId }: VrrpLinkSettings): string {
    return `169.254.${virtualRouterId}.${numberOf(host, hosts)}`;
}

/** vrrp-link.conf of one host. Hosts are names: their addresses are filled in on the host. */
export function renderVrrpLink({ host, hosts, virtualRouterId }: VrrpLinkSettings): string {
    const peers = hosts.filter((peer) => peer !== host).toSorted();
    return `ID=${virtualRouterId}
LINK=${vrrpLink(virtualRouterId)}
NUMBER=${numberOf(host, hosts)}
ADDRESS={{address ${host}}}
PEERS=(
${peers.map((peer) => `    ${numberOf(peer, hosts)}={{address ${peer}}}\n`).join("")})
`;
}
