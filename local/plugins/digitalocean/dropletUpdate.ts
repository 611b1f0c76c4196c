import { changed } from "../kit/fields.ts";
import { explained } from "../kit/http.ts";
import type { Call } from "../kit/resource.ts";
import { isObject, type Props, texts } from "../kit/values.ts";
import { waitFor } from "../kit/wait.ts";
import { completed, dropletAction } from "./actions.ts";
import { api, hasStatus } from "./api.ts";
import { dropletFields } from "./dropletFields.ts";
import { type Droplet, dropletOutputs, getDroplet } from "./dropletView.ts";
import { setTags } from "./tags.ts";

/** Turns a droplet from one set of outputs into another, in the official provider's steps. */
export async function updateDroplet(id: string, olds: Props, planned: Props, call: Call): Promise<Props> {
    const changes = changed(dropletFields, olds, planned);
    if (changes.has("size")) await resize(id, planned, call);
    if (changes.has("name")) await rename(id, olds, planned, call);
    if (changes.has("backups")) await toggleBackups(id, planned, call);
    else if (changes.has("backupPolicy") && isObject(planned.backupPolicy))
        await act(
            id,
            { type: "change_backup_policy", backup_policy: planned.backupPolicy },
            call,
            "changing backup policy on",
        );
    if (changes.has("privateNetworking") && planned.privateNetworking === true)
        await enable(id, "private_networking", "enabling private networking for", call);
    if (changes.has("ipv6") && planned.ipv6 === true) await enable(id, "ipv6", "turning on ipv6 for", call);
    if (changes.has("tags"))
        await explained("Error updating tags", setTags(id, "droplet", texts(olds.tags), texts(planned.tags)));
    if (changes.has("volumeIds"))
        await moveVolumes(id, texts(olds.volumeIds), texts(planned.volumeIds), call);
    return dropletOutputs(await explained("Error retrieving droplet", getDroplet(id)), planned);
}

async function resize(id: string, { size, resizeDisk }: Props, call: Call): Promise<void> {
    try {
        await dropletAction(id, { type: "power_off" });
    } catch (error) {
        if (!hasStatus(error, 422) || !error.reason.includes("already powered off"))
            throw new Error(`Error powering off droplet (${id}): ${(error as Error).message}`);
    }
    await reach(id, "off", ["active"], ({ status }) => status, call, "to become powered off");
    try {
        const { id: action } = await dropletAction(id, { type: "resize", size, disk: resizeDisk === true });
        await completed(call, action);
    } catch (error) {
        await powerOn(id, call);
        throw new Error(`Error resizing droplet (${id}): ${(error as Error).message}`);
    }
    await powerOn(id, call);
}

async function powerOn(id: string, call: Call): Promise<void> {
    await explained(
        `Error powering on droplet (${id}) after resize`,
        dropletAction(id, { type: "power_on" }),
    );
    await reach(id, "active", ["off"], ({ status }) => status, call, "to become active");
}

async function rename(id: string, olds: Props, { name }: Props, call: Call): Promise<void> {
    await explained(`Error renaming droplet (${id})`, dropletAction(id, { type: "rename", name }));
    await reach(id, String(name), ["", String(olds.name)], (droplet) => droplet.name, call, "to be renamed");
}

async function enable(id: string, feature: string, words: string, call: Call): Promise<void> {
    await explained(`Error ${words} droplet (${id})`, dropletAction(id, { type: `enable_${feature}` }));
    const has = ({ features }: Droplet): string => String(features?.includes(feature) ?? false);
    await reach(id, "true", ["", "false"], has, call, `to have ${feature}`);
}

async function toggleBackups(id: string, { backups, backupPolicy }: Props, call: Call): Promise<void> {
    if (backups !== true) return act(id, { type: "disable_backups" }, call, "disabling backups on");
    const policy = isObject(backupPolicy) ? { backup_policy: backupPolicy } : {};
    await act(id, { type: "enable_backups", ...policy }, call, "enabling backups on");
}

async function act(id: string, body: Record<string, unknown>, call: Call, words: string): Promise<void> {
    const { id: action } = await explained(`Error ${words} droplet (${id})`, dropletAction(id, body));
    await completed(call, action);
}

async function reach(
    id: string,
    target: string,
    pending: string[],
    attribute: (droplet: Droplet) => string,
    call: Call,
    words: string,
): Promise<void> {
    const state = async (): Promise<string | undefined> => {
        const droplet = await getDroplet(id);
        return droplet.locked ? pending[0] : attribute(droplet);
    };
    const wait = waitFor({ call, target, pending, timeout: 3600, state });
    await explained(`Error waiting for droplet (${id}) ${words}`, wait);
}

async function moveVolumes(id: string, olds: string[], news: string[], call: Call): Promise<void> {
    const move = async (volume: string, type: string): Promise<void> => {
        const body = { type, droplet_id: Number(id) };
        const { action } = await api<{ action: { id: number } }>(
            "POST",
            `/v2/volumes/${volume}/actions`,
            body,
        );
        await completed(call, action.id);
    };
    for (const volume of news) if (!olds.includes(volume)) await move(volume, "attach");
    for (const volume of olds) if (!news.includes(volume)) await move(volume, "detach");
}
