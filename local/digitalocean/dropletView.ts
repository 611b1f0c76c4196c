import { netmask, parseRange, toAddress } from "../network/addresses.ts";
import { findImage, findRegion, findSize } from "./catalog.ts";
import type { Context } from "./context.ts";
import type { Droplet } from "./types.ts";

/** Region, size and networks are always objects: the official provider reads them unasked. */
export function dropletView(context: Context, droplet: Droplet) {
    const size = findSize(droplet.size)!;
    return {
        id: droplet.id,
        name: droplet.name,
        memory: size.memory,
        vcpus: size.vcpus,
        disk: droplet.disk,
        locked: droplet.locked,
        status: droplet.status,
        kernel: null,
        created_at: droplet.createdAt,
        features: droplet.features,
        backup_ids: [],
        next_backup_window: null,
        snapshot_ids: [],
        image: findImage(droplet.image)!,
        volume_ids: [],
        size,
        size_slug: droplet.size,
        networks: { v4: networks(context, droplet), v6: [] },
        region: findRegion(droplet.region)!,
        tags: droplet.tags,
        vpc_uuid: droplet.vpcId,
    };
}

function networks({ state, slice, gateway }: Context, droplet: Droplet) {
    const vpc = state.vpcs.find((candidate) => candidate.id === droplet.vpcId);
    const range = parseRange(vpc?.ipRange ?? "0.0.0.0/0")!;
    return [
        {
            ip_address: droplet.privateAddress,
            netmask: netmask(range.prefix),
            gateway: toAddress(range.first + 1),
            type: "private",
        },
        { ip_address: droplet.publicAddress, netmask: netmask(slice.hostPrefix), gateway, type: "public" },
    ];
}
