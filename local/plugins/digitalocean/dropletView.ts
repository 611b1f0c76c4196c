import { isIPv4, isIPv6 } from "node:net";
import { collection } from "../kit/fields.ts";
import type { Props } from "../kit/values.ts";
import { api } from "./api.ts";

interface Address {
    ip_address: string;
    type: string;
}

export interface Droplet {
    id: number;
    name: string;
    memory: number;
    vcpus: number;
    disk: number;
    locked: boolean;
    status: string;
    created_at: string;
    features: string[] | null;
    volume_ids: string[] | null;
    tags: string[] | null;
    image: { id: number; slug: string | null };
    size: { slug: string; price_hourly: number; price_monthly: number };
    region: { slug: string };
    networks: { v4: Address[]; v6: Address[] };
    vpc_uuid: string;
}

export async function getDroplet(id: string): Promise<Droplet> {
    return (await api<{ droplet: Droplet }>("GET", `/v2/droplets/${id}`)).droplet;
}

/** The outputs of a droplet as the API shows it; what the API does not show stays as it was. */
export function dropletOutputs(droplet: Droplet, before: Props): Props {
    const { size, features, networks } = droplet;
    const publicAddress = address(networks.v4, "public", isIPv4);
    const has = (feature: string): boolean => features?.includes(feature) ?? false;
    return {
        ...before,
        name: droplet.name,
        dropletUrn: `do:droplet:${droplet.id}`,
        region: droplet.region.slug,
        size: size.slug,
        priceHourly: size.price_hourly,
        priceMonthly: size.price_monthly,
        disk: droplet.disk,
        vcpus: droplet.vcpus,
        memory: droplet.memory,
        status: droplet.status,
        locked: droplet.locked,
        createdAt: droplet.created_at,
        vpcUuid: droplet.vpc_uuid,
        ipv4Address: publicAddress,
        ipv4AddressPrivate: address(networks.v4, "private", isIPv4),
        ipv6Address: address(networks.v6, "public", isIPv6).toLowerCase(),
        publicNetworking: publicAddress !== "",
        backups: has("backups"),
        ipv6: has("ipv6"),
        privateNetworking: has("private_networking"),
        monitoring: has("monitoring"),
        volumeIds: [...(droplet.volume_ids ?? [])].sort(),
        tags: collection([...(droplet.tags ?? [])].sort(), before.tags),
    };
}

function address(addresses: Address[] | null, type: string, valid: (ip: string) => number | boolean): string {
    return (
        addresses?.find((candidate) => candidate.type === type && valid(candidate.ip_address))?.ip_address ??
        ""
    );
}
