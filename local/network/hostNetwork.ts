import type { HostFirewall, HostSpec } from "../machines/types.ts";
import { firewallRules } from "./firewall.ts";
import { addNamespace, deleteLink, deleteNamespace, ip, names, nft, sysctl } from "./namespaces.ts";

/** Makes the host's interfaces and their way to the switch. */
export async function connectHost(
    cloud: string,
    spec: HostSpec,
    firewall: HostFirewall | undefined,
): Promise<void> {
    const [host, port, room] = [names.host(cloud, spec.id), names.port(cloud, spec.id), names.switch(cloud)];
    const [publicCable, privateCable] = [names.publicCable(spec.id), names.privateCable(spec.id)];
    await Promise.all([addNamespace(host), addNamespace(port)]);
    await sysctl(port, {
        // Bridged packets pass the IPv4 rules, where connections are tracked.
        "net.bridge.bridge-nf-call-iptables": 1,
        "net.bridge.bridge-nf-call-arptables": 0,
        "net.ipv6.conf.all.disable_ipv6": 1,
        "net.ipv6.conf.default.disable_ipv6": 1,
    });
    await ip(port, [
        "link set lo up",
        `link add host0 type veth peer name eth0 address ${mac(0, spec.id)} netns ${host}`,
        `link add host1 type veth peer name eth1 address ${mac(1, spec.id)} netns ${host}`,
        `link add uplink0 type veth peer name ${publicCable} netns ${room}`,
        `link add uplink1 type veth peer name ${privateCable} netns ${room}`,
        ...[0, 1].flatMap((index) => [
            `link add br${index} type bridge forward_delay 0 mcast_snooping 0`,
            `link set host${index} master br${index} up`,
            `link set uplink${index} master br${index} up`,
            `link set br${index} up`,
        ]),
    ]);
    await nft(port, firewallRules(spec.gateway, firewall));
    await Promise.all([
        ip(host, [
            "link set lo up",
            `address add ${spec.publicAddress}/${spec.publicPrefix} dev eth0`,
            ...(spec.anchorAddress === undefined
                ? []
                : [`address add ${spec.anchorAddress}/${spec.anchorPrefix} dev eth0`]),
            ...(spec.networkId === undefined
                ? []
                : [`address add ${spec.privateAddress}/${spec.privatePrefix} dev eth1`, "link set eth1 up"]),
            "link set eth0 up",
            `route add default via ${spec.gateway} dev eth0`,
        ]),
        ip(room, [
            `link set ${publicCable} master public up`,
            // Another host had the address before, and at its anchor address a host speaks to nobody who could learn who has it.
            ...[spec.publicAddress, spec.anchorAddress]
                .filter((address) => address !== undefined)
                .map(
                    (address) =>
                        `neighbour replace ${address} lladdr ${mac(0, spec.id)} dev public nud reachable`,
                ),
            ...(spec.networkId === undefined
                ? []
                : [`link set ${privateCable} master ${names.vpcBridge(spec.networkId)} up`]),
        ]),
    ]);
}

/** Pulls both cables: from here on nothing that the host's kernel still says reaches anyone. */
export async function unplugHost(cloud: string, id: number): Promise<void> {
    await deleteLink(names.switch(cloud), names.publicCable(id));
    await deleteLink(names.switch(cloud), names.privateCable(id));
}

/** Removes everything that connectHost made, also by halves. */
export async function disconnectHost(cloud: string, id: number): Promise<void> {
    await unplugHost(cloud, id);
    await deleteNamespace(names.port(cloud, id));
    await deleteNamespace(names.host(cloud, id));
}

/** The same again after each power cycle, so that no neighbour holds a stale entry. */
export function mac(index: number, id: number): string {
    const tail = id.toString(16).padStart(8, "0").slice(-8).match(/../g)!;
    return ["0e", `0${index}`, ...tail].join(":");
}
