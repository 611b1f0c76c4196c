import type { LoadBalancerPairArgs } from "./args.ts";
import type { BalancerSettings } from "./settings.ts";

/** What VRRP decides on as one: an address of a pair, and who has it. */
export interface AddressGroup {
    /** In names of files and units: the pair's own for its first address. */
    group: string;
    /** The pair's hosts, the preferred one first. */
    hosts: string[];
    /** VRRP's number of it on the pair's link. */
    instanceId: number;
    /** In CIDR form; nothing for a reserved IP, which the cloud moves. */
    virtualAddress?: string;
}

/** VRRP's numbers are 1 to 255; each address has a watch of its own on every host. */
export const MOST_ADDRESSES = 12;

/** The addresses that VRRP carries for a pair, in CIDR form; nothing with a reserved IP. */
export const virtualAddressesOf = ({ virtualAddress, virtualAddresses }: LoadBalancerPairArgs) =>
    virtualAddresses ?? (virtualAddress === undefined ? undefined : [virtualAddress]);

/** Of several addresses each has a host of its own: so it goes back there. */
export const isSplit = (addresses: string[] = []) => addresses.length > 1;

/** Without the length of the network's prefix. */
export const bare = (virtualAddress: string) => virtualAddress.split("/")[0]!;

/** Where visitors arrive on a host, and whether it has that address only while it holds the shared one. */
export function arrivals({ cloud, virtualAddresses }: Pick<BalancerSettings, "cloud" | "virtualAddresses">) {
    if (!cloud) return { addresses: (virtualAddresses ?? []).map(bare), areCarried: true };
    return { addresses: [cloud.moving.arrivesAt], areCarried: cloud.moving.isCarried };
}

/**
 * One for each address: the second one prefers the second host, and so on in turn. All but the first go by their address, so
 * that one more or less is nothing to the others.
 */
export function groupsOf({
    name,
    pair,
    virtualRouterId,
    virtualAddresses,
}: Pick<BalancerSettings, "name" | "pair" | "virtualRouterId" | "virtualAddresses">): AddressGroup[] {
    if (!virtualAddresses) return [{ group: name, hosts: pair, instanceId: virtualRouterId }];
    const taken: number[] = [];
    return virtualAddresses.map((virtualAddress, i) => {
        let instanceId = i === 0 ? virtualRouterId : Number(bare(virtualAddress).split(".")[3]) || 1;
        while (taken.includes(instanceId)) instanceId = (instanceId % 255) + 1;
        taken.push(instanceId);
        const first = i % pair.length;
        return {
            // No component's name has a _.
            group: i === 0 ? name : `${name}_${bare(virtualAddress).replaceAll(".", "_")}`,
            hosts: [...pair.slice(first), ...pair.slice(0, first)],
            instanceId,
            virtualAddress,
        };
    });
}
