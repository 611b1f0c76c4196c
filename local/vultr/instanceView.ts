import { netmask } from "../network/addresses.ts";
import { mac } from "../network/hostNetwork.ts";
import { findPlan, findSystem } from "./catalog.ts";
import type { Context } from "./context.ts";
import type { Instance } from "./types.ts";

/** Until it is installed an instance has no addresses that anyone is told. */
export function instanceView(context: Context, instance: Instance) {
    const plan = findPlan(instance.plan)!;
    const isPending = instance.status === "pending";
    return {
        id: instance.id,
        os: findSystem(instance.osId)!.name,
        ram: plan.ram,
        disk: plan.disk,
        main_ip: isPending ? "0.0.0.0" : instance.address,
        vcpu_count: plan.vcpu_count,
        region: instance.region,
        plan: instance.plan,
        date_created: instance.createdAt,
        status: instance.status,
        allowed_bandwidth: plan.bandwidth,
        netmask_v4: isPending ? "" : netmask(context.slice.hostPrefix),
        gateway_v4: isPending ? "0.0.0.0" : context.gateway,
        power_status: isPending || isOn(context, instance) ? "running" : "stopped",
        server_status: isPending ? "none" : instance.status === "resizing" ? "locked" : "ok",
        v6_network: "",
        v6_main_ip: "",
        v6_network_size: 0,
        label: instance.label,
        internal_ip: isPending ? "" : (instance.vpc?.address ?? ""),
        kvm: "",
        hostname: instance.hostname,
        os_id: instance.osId,
        app_id: 0,
        image_id: "",
        snapshot_id: "",
        firewall_group_id: instance.groupId,
        features: instance.features,
        tag: "",
        tags: instance.tags,
        user_scheme: "root",
    };
}

export const isOn = ({ machines }: Context, { hostId }: Instance) => machines.powerState(hostId) === "on";

export function scheduleView({ backups }: Instance) {
    return backups ? { enabled: true, next_scheduled_time_utc: "", ...backups } : { enabled: false };
}

export const vpcsOf = ({ vpc, hostId }: Instance) =>
    vpc ? [{ id: vpc.id, mac_address: mac(1, hostId), ip_address: vpc.address }] : [];

/** The main address, and the reserved ones that the instance is to have as its own. */
export function addressesOf({ state, slice, gateway }: Context, instance: Instance) {
    const extra = state.reservedIps.filter(({ instanceId }) => instanceId === instance.id);
    return [
        { ip: instance.address, netmask: netmask(slice.hostPrefix), gateway, type: "main_ip", reverse: "" },
        ...extra.map(({ address }) => ({
            ip: address,
            netmask: netmask(32),
            gateway: "",
            type: "secondary_ip",
            reverse: "",
        })),
    ];
}
