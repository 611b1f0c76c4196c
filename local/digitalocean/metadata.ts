import type { Metadata, Tree } from "../api/metadata.ts";
import type { Context } from "./context.ts";
import { dropletView } from "./dropletView.ts";
import type { Droplet } from "./types.ts";

export function dropletMetadata(context: Context): Metadata {
    return {
        path: "/metadata/v1",
        treeOf(address) {
            const droplet = context.state.droplets.find((candidate) =>
                [candidate.publicAddress, candidate.anchorAddress, candidate.privateAddress].includes(
                    address,
                ),
            );
            return droplet && metadataOf(context, droplet);
        },
    };
}

function metadataOf(context: Context, droplet: Droplet): Tree {
    const reserved = context.state.reservedIps.find((candidate) => candidate.dropletId === droplet.id);
    const [inside, outside] = dropletView(context, droplet).networks.v4;
    const reservedIp = {
        ipv4: { active: String(reserved !== undefined), ...(reserved && { ip_address: reserved.address }) },
    };
    const ipv4 = (network: typeof inside) => ({
        address: network!.ip_address,
        netmask: network!.netmask,
        gateway: network!.gateway,
    });
    return {
        id: String(droplet.id),
        hostname: droplet.name,
        "user-data": droplet.userData ?? "",
        "vendor-data": "",
        "public-keys": droplet.publicKeys,
        region: droplet.region,
        interfaces: {
            public: {
                "0": {
                    ipv4: ipv4(outside),
                    anchor_ipv4: {
                        address: droplet.anchorAddress,
                        netmask: "255.255.0.0",
                        gateway: "10.19.0.1",
                    },
                    type: "public",
                },
            },
            private: { "0": { ipv4: ipv4(inside), type: "private" } },
        },
        floating_ip: reservedIp,
        reserved_ip: reservedIp,
        tags: droplet.tags,
        features: { dhcp_enabled: "false" },
    };
}
