import { collection } from "../kit/fields.ts";
import { explained } from "../kit/http.ts";
import { list, type Props, type Value, withoutUnknown } from "../kit/values.ts";
import { all, api, unlessGone } from "./api.ts";
import { instanceFields } from "./instanceFields.ts";
import { shown } from "./shared.ts";

export interface Instance {
    id: string;
    os: string;
    ram: number;
    disk: number;
    plan: string;
    main_ip: string;
    vcpu_count: number;
    region: string;
    default_password?: string;
    date_created: string;
    status: string;
    allowed_bandwidth: number;
    netmask_v4: string;
    gateway_v4: string;
    power_status: string;
    server_status: string;
    v6_network: string;
    v6_main_ip: string;
    v6_network_size: number;
    internal_ip: string;
    kvm: string;
    os_id: number;
    app_id: number;
    firewall_group_id: string;
    features: string[] | null;
    hostname: string;
    tags: string[] | null;
    user_scheme?: string;
}

interface BackupSchedule {
    enabled: boolean;
    type?: string;
    hour?: number;
    dom?: number;
    dow?: number;
}

export const instancePath = (id: string): string => `/v2/instances/${id}`;

export async function getInstance(id: string): Promise<Instance> {
    return (await api<{ instance: Instance }>("GET", instancePath(id))).instance;
}

/** The outputs of an instance as the API shows it; what the API does not show stays as it was. */
export async function readInstance(id: string, before: Props): Promise<Props | undefined> {
    const found = unlessGone("invalid instance ID", getInstance(id));
    const instance = await explained(`error getting instance (${id})`, found);
    if (!instance) return undefined;
    const schedule = (
        await explained(
            "error getting backup schedule",
            api<{ backup_schedule: BackupSchedule }>("GET", `${instancePath(id)}/backup-schedule`),
        )
    ).backup_schedule;
    const vpcIds = await networks(id, "vpcs", "VPCs");
    const vpc2Ids = await networks(id, "vpc2", "VPCs 2.0");
    return {
        ...withoutUnknown(before),
        ...shown(instanceFields, outputs(instance)),
        tags: collection([...(instance.tags ?? [])].sort(), before.tags),
        backups: schedule.enabled ? "enabled" : "disabled",
        backupsSchedule: schedule.enabled ? backups(schedule) : null,
        // Networks that the program does not name are not looked at.
        ...(list(before.vpcIds).length > 0 && { vpcIds }),
        ...(list(before.vpc2Ids).length > 0 && { vpc2Ids }),
    };
}

async function networks(id: string, name: string, words: string): Promise<Value> {
    const attached = all<{ id: string }>(`${instancePath(id)}/${name}`, "vpcs");
    const found = await explained(`error getting list of attached ${words}`, attached);
    return found.map((network) => network.id).sort();
}

function backups({ type = "", hour = 0, dom = 0, dow = 0 }: BackupSchedule): Props {
    return { type, hour, dom, dow };
}

function outputs(instance: Instance): Record<string, Value | undefined> {
    return {
        os: instance.os,
        ram: instance.ram,
        disk: instance.disk,
        mainIp: instance.main_ip,
        vcpuCount: instance.vcpu_count,
        dateCreated: instance.date_created,
        status: instance.status,
        allowedBandwidth: instance.allowed_bandwidth,
        netmaskV4: instance.netmask_v4,
        gatewayV4: instance.gateway_v4,
        powerStatus: instance.power_status,
        serverStatus: instance.server_status,
        internalIp: instance.internal_ip,
        kvm: instance.kvm,
        v6Network: instance.v6_network,
        v6MainIp: instance.v6_main_ip,
        v6NetworkSize: instance.v6_network_size,
        firewallGroupId: instance.firewall_group_id,
        region: instance.region,
        plan: instance.plan,
        osId: instance.os_id,
        appId: instance.app_id,
        features: instance.features,
        hostname: instance.hostname,
        userScheme: instance.user_scheme,
    };
}
