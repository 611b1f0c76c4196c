import { type Body, boolean, string, strings } from "../api/input.ts";
import { fromBase64 } from "./base64.ts";
import { findPlan } from "./catalog.ts";
import type { Context } from "./context.ts";
import { gone, invalid, notLocal } from "./errors.ts";
import { privatePlace, readGroup, readVpcs, tagsOf } from "./instanceCreate.ts";
import { isOn } from "./instanceView.ts";
import type { Instance } from "./types.ts";
import { freePrivateAddress } from "./vpcs.ts";
import { startWork } from "./work.ts";

/** What is not named stays, and so do tags that are null. */
export async function changeInstance(context: Context, instance: Instance, body: Body): Promise<void> {
    for (const other of ["os_id", "app_id", "image_id"]) if (body[other]) throw notLocal("A reinstallation");
    const plan = readPlan(instance, string(body, "plan"));
    const [attached, detached] = [strings(body, "attach_vpc"), strings(body, "detach_vpc")];
    const groupId =
        (body.firewall_group_id ?? undefined) === undefined ? instance.groupId : readGroup(context, body);
    const userData = string(body, "user_data");
    const given = userData === undefined ? instance.userData : fromBase64(userData, "user_data");
    changeVpc(context, instance, attached, detached);

    instance.userData = given;
    instance.label = string(body, "label") ?? instance.label;
    if (body.tags) instance.tags = tagsOf(body);
    if (boolean(body, "enable_ipv6")) instance.features = [...new Set([...instance.features, "ipv6"])];
    if (plan) startResize(context, instance, plan);
    if (groupId === instance.groupId) return;
    instance.groupId = groupId;
    await context.filters.apply();
}

function readPlan(instance: Instance, id: string | undefined) {
    if (!id || id === instance.plan) return undefined;
    const plan = findPlan(id);
    if (!plan || plan.disk < findPlan(instance.plan)!.disk) throw invalid("Invalid plan");
    if (instance.status !== "active") throw invalid("The server is not ready for another plan");
    return plan;
}

function startResize(context: Context, instance: Instance, plan: NonNullable<ReturnType<typeof findPlan>>) {
    instance.status = "resizing";
    startWork(context, instance, "plan change", async () => {
        try {
            await whileOff(context, instance, () =>
                context.machines.resize(instance.hostId, { memoryMb: plan.ram, vcpus: plan.vcpu_count }),
            );
            instance.plan = plan.id;
        } finally {
            instance.status = "active";
        }
    });
}

/** A private network that comes or goes costs a restart, and what is listed is as it will be then. */
export function changeVpc(context: Context, instance: Instance, attach: string[], detach: string[]): void {
    if (detach.some((id) => id !== instance.vpc?.id)) throw gone.vpc();
    const wanted = readVpcs(context, attach, instance.region);
    const isLeft = instance.vpc === null || detach.length > 0;
    if (wanted && !isLeft && wanted.id !== instance.vpc?.id)
        throw notLocal("A server in several VPC networks");
    const isSame = wanted ? wanted.id === instance.vpc?.id : detach.length === 0;
    if (isSame) return;
    instance.vpc = wanted ? { id: wanted.id, address: freePrivateAddress(context, wanted) } : null;
    startWork(context, instance, "VPC change", () =>
        whileOff(context, instance, () =>
            context.machines.setPrivateNetwork(instance.hostId, privatePlace(context, instance)),
        ),
    );
}

/** What is destroyed next is not started for that. */
async function whileOff(context: Context, instance: Instance, work: () => Promise<void>): Promise<void> {
    const { machines } = context;
    const wasOn = isOn(context, instance);
    if (wasOn) await machines.powerOff(instance.hostId);
    try {
        await work();
    } finally {
        if (wasOn && !instance.isEnding) await machines.powerOn(instance.hostId);
    }
}
