import type { Metadata, Tree } from "../api/metadata.ts";
import { netmask } from "../network/addresses.ts";
import { mac } from "../network/hostNetwork.ts";
import { findRegion } from "./catalog.ts";
import type { Context } from "./context.ts";
import { privatePlace } from "./instanceCreate.ts";
import { addressesOf } from "./instanceView.ts";
import type { Instance } from "./types.ts";

export function instanceMetadata(context: Context): Metadata {
    return {
        path: "/v1",
        treeOf(address) {
            const instance = context.state.instances.find((candidate) => candidate.address === address);
            return instance && metadataOf(context, instance);
        },
    };
}

/** Label, plan and tags are no part of it. */
function metadataOf(context: Context, instance: Instance): Tree {
    return {
        hostname: instance.hostname,
        "instance-v2-id": instance.id,
        instanceid: String(instance.hostId),
        interfaces: interfaces(context, instance),
        "public-keys": instance.publicKeys,
        region: {
            countrycode: findRegion(instance.region)!.country,
            regioncode: instance.region.toUpperCase(),
        },
        tags: [],
        "user-data": instance.userData,
    };
}

function interfaces(context: Context, instance: Instance): Tree[] {
    const [main, ...extra] = addressesOf(context, instance);
    const place = privatePlace(context, instance);
    const additional = extra.map(({ ip, netmask: mask }) => ({ address: ip, netmask: mask }));
    return [
        {
            ipv4: { additional, address: main!.ip, gateway: main!.gateway, netmask: main!.netmask },
            mac: mac(0, instance.hostId),
            "network-type": "public",
        },
        ...(place
            ? [
                  {
                      ipv4: {
                          additional: [],
                          address: place.privateAddress,
                          gateway: "",
                          netmask: netmask(place.privatePrefix),
                      },
                      mac: mac(1, instance.hostId),
                      "network-type": "private",
                      "network-v2-id": place.networkId,
                  },
              ]
            : []),
    ];
}
