import { plan } from "../kit/fields.ts";
import { explained, present } from "../kit/http.ts";
import type { Call, CheckFailure } from "../kit/resource.ts";
import { type Props, text, texts } from "../kit/values.ts";
import { retryWhile, waitFor } from "../kit/wait.ts";
import { api } from "./api.ts";
import { instanceFields } from "./instanceFields.ts";
import { setSchedule, updateInstance } from "./instanceUpdate.ts";
import { getInstance, type Instance, instancePath, readInstance } from "./instanceView.ts";
import { made, oneOf, vultrResource } from "./shared.ts";

const hour = 3600;

function validate(inputs: Props): CheckFailure[] {
    const failures = oneOf(inputs, { backups: ["enabled", "disabled"] });
    if (inputs.plan !== "") return failures;
    return [...failures, { property: "plan", reason: '"plan" must not be zero value, got ' }];
}

export const instance = vultrResource({
    fields: instanceFields,
    validate,
    async create(inputs, call) {
        const backups = inputs.backupsSchedule !== undefined;
        if (inputs.backups === "enabled" && !backups)
            throw new Error("Backups are set to enabled please provide a backups_schedule");
        if (inputs.backups === "disabled" && backups)
            throw new Error("Backups are set to disabled please remove backups_schedule");
        const body = createRequest(inputs);
        const created = retryWhile(call, hour - 60, isAddressTaken, () =>
            api<{ instance: Instance }>("POST", "/v2/instances", body),
        );
        const { instance } = await explained("error creating server", created);
        const { id, default_password = "" } = instance;
        const planned = { ...plan(instanceFields, inputs), defaultPassword: default_password };
        return made(id, planned, async () => {
            const status = reach(id, "status", "active", ["pending", "installing"], call);
            await explained(`error while waiting for Server ${id} to be completed`, status);
            const power = reach(id, "power_status", "running", ["stopped"], call);
            await explained(`error while waiting for Server ${id} to be in a active state `, power);
            if (backups) await explained("error setting backup schedule", setSchedule(id, inputs));
            return readInstance(id, planned);
        });
    },
    read: readInstance,
    update: updateInstance,
    async delete(id, olds) {
        await detach(id, "detach_vpc", texts(olds.vpcIds), "VPCs");
        await detach(id, "detach_vpc2", texts(olds.vpc2Ids), "VPC2s");
        if (text(olds.isoId) !== "") {
            const work = api("POST", `${instancePath(id)}/iso/detach`);
            await explained(`error detaching ISO prior to deleting instance ${id} `, work);
        }
        await explained(`error destroying instance ${id} `, api("DELETE", instancePath(id)));
    },
});

// An instance that held the address may still be going.
function isAddressTaken(error: unknown): boolean {
    return (error as Error).message.includes("Floating IPv4 address is already attached to another server");
}

function createRequest(inputs: Props): Record<string, unknown> {
    const tags = texts(inputs.tags);
    return {
        ...present({
            region: inputs.region,
            plan: inputs.plan,
            label: inputs.label,
            ...image(inputs),
            firewall_group_id: inputs.firewallGroupId,
            hostname: inputs.hostname,
            ipxe_chain_url: inputs.ipxeChainUrl,
            script_id: inputs.scriptId,
            attach_vpc: texts(inputs.vpcIds),
            attach_vpc2: texts(inputs.vpc2Ids),
            sshkey_id: texts(inputs.sshKeyIds),
            backups: inputs.backups,
            user_data: Buffer.from(text(inputs.userData)).toString("base64"),
            reserved_ipv4: inputs.reservedIpId,
            user_scheme: inputs.userScheme,
            app_variables: inputs.appVariables,
        }),
        tags: tags.length > 0 ? tags : null,
        enable_ipv6: inputs.enableIpv6 === true,
        disable_public_ipv4: inputs.disablePublicIpv4 === true,
        ddos_protection: inputs.ddosProtection === true,
        activation_email: inputs.activationEmail === true,
    };
}

/** What an instance boots, which is one thing only. */
function image({ osId, appId, imageId, isoId, snapshotId }: Props): Record<string, unknown> {
    const chosen = present({ app_id: appId, iso_id: isoId, snapshot_id: snapshotId, image_id: imageId });
    const names = Object.keys(chosen);
    if (names.length > 1)
        throw new Error(`too many options have been selected : [${names.join(" ")}] : please select one`);
    if (!osId && names.length === 0) throw new Error("error occurred while getting your intended os type");
    if (osId && names.length > 0) throw new Error(`Please do not set ${names[0]} with os_id`);
    return osId ? { os_id: osId } : chosen;
}

async function reach(
    id: string,
    attribute: "status" | "power_status",
    target: string,
    pending: string[],
    call: Call,
): Promise<void> {
    const state = async (): Promise<string> =>
        (await explained(`error retrieving Server ${id} `, getInstance(id)))[attribute];
    await waitFor({ call, target, pending, timeout: hour, state });
}

async function detach(id: string, name: string, networks: string[], words: string): Promise<void> {
    if (networks.length === 0) return;
    const work = api("PATCH", instancePath(id), { tags: null, [name]: networks, ddos_protection: null });
    await explained(`error detaching ${words} prior to deleting instance ${id} `, work);
}
