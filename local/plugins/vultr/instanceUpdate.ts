import { changed, plan } from "../kit/fields.ts";
import { explained, present } from "../kit/http.ts";
import type { Call } from "../kit/resource.ts";
import { isObject, list, type Props, text, texts } from "../kit/values.ts";
import { waitFor } from "../kit/wait.ts";
import { api } from "./api.ts";
import { instanceFields } from "./instanceFields.ts";
import { getInstance, instancePath, readInstance } from "./instanceView.ts";

/** Turns an instance from one set of outputs into another, in the official provider's steps. */
export async function updateInstance(id: string, olds: Props, news: Props, call: Call): Promise<Props> {
    const planned = plan(instanceFields, news, olds);
    const changes = changed(instanceFields, olds, planned);
    const scheduled = isObject(planned.backupsSchedule);
    const { backups } = planned;
    if (changes.has("backups") && backups === "disabled" && scheduled)
        throw new Error("Backups are being set to disabled please remove backups_schedule");
    const unscheduled = backups === "enabled" && !scheduled;
    if (unscheduled) throw new Error("Backups are being set to enabled please add backups_schedule");

    const patched = api("PATCH", instancePath(id), request(olds, planned, changes));
    await explained(`error updating instance ${id} `, patched);
    if (changes.has("isoId")) await changeIso(id, text(planned.isoId));
    if (backups !== "disabled" && changes.has("backupsSchedule"))
        await explained(`error setting backup for ${id} `, setSchedule(id, planned));
    if (changes.has("plan")) await planReached(id, text(olds.plan), text(planned.plan), call);
    return (await readInstance(id, planned)) ?? {};
}

function request(olds: Props, planned: Props, changes: Set<string>): Record<string, unknown> {
    const asked = (name: string): unknown => (changes.has(name) ? planned[name] : undefined);
    return {
        ...present({
            plan: asked("plan"),
            backups: asked("backups"),
            label: planned.label,
            firewall_group_id: planned.firewallGroupId,
            attach_vpc: without(planned.vpcIds, olds.vpcIds),
            detach_vpc: without(olds.vpcIds, planned.vpcIds),
            attach_vpc2: without(planned.vpc2Ids, olds.vpc2Ids),
            detach_vpc2: without(olds.vpc2Ids, planned.vpc2Ids),
        }),
        tags: changes.has("tags") ? texts(planned.tags) : null,
        enable_ipv6: planned.enableIpv6 === true,
        ddos_protection: asked("ddosProtection") ?? null,
    };
}

function without(ids: Props[string] | undefined, others: Props[string] | undefined): string[] {
    return texts(ids).filter((id) => !list(others).includes(id));
}

async function changeIso(id: string, iso: string): Promise<void> {
    const path = `${instancePath(id)}/iso`;
    if (iso === "")
        await explained(`error detaching iso from instance ${id} `, api("POST", `${path}/detach`));
    else
        await explained(
            `error attaching iso to instance ${id} `,
            api("POST", `${path}/attach`, { iso_id: iso }),
        );
}

export async function setSchedule(id: string, { backupsSchedule }: Props): Promise<void> {
    const { type, hour, dow, dom } = isObject(backupsSchedule) ? backupsSchedule : {};
    const body = { type, hour: hour ?? 0, dow: dow ?? 0, ...present({ dom }) };
    await api("POST", `${instancePath(id)}/backup-schedule`, body);
}

/** A new plan is not told at once. */
async function planReached(id: string, before: string, target: string, call: Call): Promise<void> {
    const state = async (): Promise<string> =>
        (await explained(`error retrieving instance ${id} `, getInstance(id))).plan;
    const wait = waitFor({ call, target, pending: [before], timeout: 3600, state });
    await explained(`error while waiting for instance ${id} to have updated plan `, wait);
}
