import { execa } from "execa";
import { CACHE_ADDRESS, CACHE_PORT } from "../cache/address.ts";
import { METADATA_ADDRESS, METADATA_PORT } from "./metadata.ts";
import {
    addNamespace,
    deleteLink,
    deleteNamespace,
    ip,
    listNamespaces,
    names,
    nft,
    sysctl,
} from "./namespaces.ts";
import { addressIn, RESERVED_OFFSETS, type Slice } from "./slices.ts";

const PUBLIC_BRIDGE = "public";
const ANCHOR_GATEWAY = "10.19.0.1/16";
/** Given, for a bridge would else take on its ports' addresses, and hosts lose their gateway whenever those change. */
const GATEWAY_MAC = "0e:ff:00:00:00:01";
/** The last resort when the link to the switch is gone, so that nothing leaves the machine. */
const LAST_METRIC = 4294967295;

/** The mark of routes to hosts that have a reserved IP as an address of their own; all others are made at boot. */
const EXTRA = "static";

/** Makes the switch of a cloud and its link to the machine, unless they are there. */
export async function ensureCloudNetwork(cloud: string, slice: Slice): Promise<void> {
    if (await isReady(cloud)) return;
    await deleteCloudNetwork(cloud, slice);
    const [room, link] = [names.switch(cloud), names.machineLink(slice.index)];
    await addNamespace(room);
    await sysctl(room, {
        "net.ipv4.ip_forward": 1,
        // The router sends a reserved IP's packets back out where they came in; no host may learn a short cut.
        "net.ipv4.conf.all.send_redirects": 0,
        "net.ipv4.conf.default.send_redirects": 0,
        "net.ipv6.conf.all.disable_ipv6": 1,
        "net.ipv6.conf.default.disable_ipv6": 1,
        "net.bridge.bridge-nf-call-iptables": 0,
    });
    await ip(undefined, [
        `link add ${link} type veth peer name machine netns ${room}`,
        `link set ${link} up`,
        `address add ${slice.machine}/32 dev ${link}`,
        `route add unreachable ${slice.cidr} metric ${LAST_METRIC}`,
        `route add ${slice.gateway}/32 dev ${link} src ${slice.machine}`,
        `route add ${slice.cidr} via ${slice.gateway} dev ${link} src ${slice.machine}`,
    ]);
    await ip(room, [
        "link set lo up",
        `link add ${PUBLIC_BRIDGE} address ${GATEWAY_MAC} type bridge forward_delay 0 mcast_snooping 0`,
        `address add ${slice.gateway}/${slice.hostPrefix} dev ${PUBLIC_BRIDGE}`,
        `address add ${ANCHOR_GATEWAY} dev ${PUBLIC_BRIDGE}`,
        // Where the router listens to hosts; what they ask of it as metadata is led on.
        `address add ${METADATA_ADDRESS}/32 dev ${PUBLIC_BRIDGE}`,
        `link set ${PUBLIC_BRIDGE} up`,
        `route add unreachable ${addressIn(slice, 32)}/27`,
    ]);
    await nft(room, switchRules(slice));
    await ip(room, [
        "link set machine up",
        `route add ${slice.machine}/32 dev machine`,
        `route add ${CACHE_ADDRESS}/32 dev machine`,
    ]);
}

/** The link to the machine is brought up last, so where it is up, everything is. */
async function isReady(cloud: string): Promise<boolean> {
    if (!(await listNamespaces(cloud)).includes(names.switch(cloud))) return false;
    const { stdout } = await execa("ip", ["-n", names.switch(cloud), "-brief", "link", "show", "up"]);
    return /^machine@/m.test(stdout);
}

async function hasLink(namespace: string, link: string): Promise<boolean> {
    const { stdout } = await execa("ip", ["-n", namespace, "-brief", "link"]);
    return stdout.split("\n").some((line) => line.split(/[ @]/)[0] === link);
}

/** The network as a whole, also one that was made by halves; its link is known by the slice. */
export async function deleteCloudNetwork(cloud: string, slice: Slice | undefined): Promise<void> {
    if (slice) {
        await deleteLink(undefined, names.machineLink(slice.index));
        const guard = ["route", "delete", "unreachable", slice.cidr, "metric", `${LAST_METRIC}`];
        await execa("ip", guard, { reject: false });
    }
    for (const namespace of await listNamespaces(cloud)) await deleteNamespace(namespace);
}

export async function ensureBridge(cloud: string, networkId: string): Promise<void> {
    const bridge = names.vpcBridge(networkId);
    if (await hasLink(names.switch(cloud), bridge)) return;
    await ip(names.switch(cloud), [
        `link add ${bridge} type bridge forward_delay 0 mcast_snooping 0`,
        `link set ${bridge} up`,
    ]);
}

export async function deleteBridge(cloud: string, networkId: string): Promise<void> {
    await deleteLink(names.switch(cloud), names.vpcBridge(networkId));
}

/**
 * Replaces the tables of reserved IPs: of those that are rewritten, from address to anchor address, in one transaction;
 * and of those that hosts take as their own, from address to the host's public one.
 */
export async function setReservedIps(
    cloud: string,
    anchors: Map<string, string>,
    holders: Map<string, string>,
): Promise<void> {
    const inward = [...anchors].map(([reserved, anchor]) => `${reserved} : ${anchor}`).join(", ");
    const outward = [...anchors].map(([reserved, anchor]) => `${anchor} : ${reserved}`).join(", ");
    const lines = ["flush map ip cloud anchors", "flush map bridge cloud reserved"];
    if (anchors.size > 0) {
        lines.push(
            `add element ip cloud anchors { ${inward} }`,
            `add element bridge cloud reserved { ${outward} }`,
        );
    }
    await nft(names.switch(cloud), `${lines.join("\n")}\n`);
    const routes = extraRoutes(await extraAddresses(cloud), holders);
    if (routes.length > 0) await ip(names.switch(cloud), routes);
}

/** Each route is replaced as a whole, so that the others lose nothing; without one, an address is unreachable. */
export function extraRoutes(present: string[], holders: Map<string, string>): string[] {
    return [
        ...[...holders].map(
            ([address, via]) => `route replace ${address}/32 via ${via} dev ${PUBLIC_BRIDGE} proto ${EXTRA}`,
        ),
        ...present
            .filter((address) => !holders.has(address))
            .map((address) => `route delete ${address}/32 proto ${EXTRA}`),
    ];
}

async function extraAddresses(cloud: string): Promise<string[]> {
    const words = ["-n", names.switch(cloud), "-4", "-json", "route", "show", "proto", EXTRA];
    const { stdout } = await execa("ip", words);
    return (JSON.parse(stdout || "[]") as { dst: string }[]).map(({ dst }) => dst);
}

/**
 * A reserved IP is rewritten to its holder's anchor address on the way in and back on the way out, without state,
 * so that a move takes effect with the next packet. One that no map has goes where its route says.
 */
function switchRules(slice: Slice): string {
    const reserved = `${addressIn(slice, RESERVED_OFFSETS.first)}-${addressIn(slice, RESERVED_OFFSETS.last)}`;
    return `table ip cloud {
    map anchors { type ipv4_addr : ipv4_addr; }
    chain raw {
        type filter hook prerouting priority raw; policy accept;
        ip saddr ${reserved} notrack
        ip daddr ${reserved} notrack ip daddr set ip daddr map @anchors
    }
    chain services {
        type nat hook prerouting priority dstnat; policy accept;
        ip daddr ${METADATA_ADDRESS} tcp dport 80 dnat to ${slice.gateway}:${METADATA_PORT}
    }
    chain forward {
        type filter hook forward priority filter; policy accept;
        oifname != "machine" accept
        ct state established,related accept
        ip saddr ${reserved} accept
        ip daddr ${CACHE_ADDRESS} tcp dport ${CACHE_PORT} accept
        reject
    }
}
table bridge cloud {
    map reserved { type ipv4_addr : ipv4_addr; }
    chain prerouting {
        type filter hook prerouting priority -300; policy accept;
        meta protocol ip ip saddr set ip saddr map @reserved
    }
}
`;
}
