import { bridged } from "../kit/bridged.ts";
import { plan } from "../kit/fields.ts";
import { explained, present } from "../kit/http.ts";
import { type Call, initError } from "../kit/resource.ts";
import { list, type Props, text, texts, withoutUnknown } from "../kit/values.ts";
import { waitFor } from "../kit/wait.ts";
import { completed, dropletAction } from "./actions.ts";
import { api, hasStatus, unlessGone } from "./api.ts";
import { dropletFields } from "./dropletFields.ts";
import { updateDroplet } from "./dropletUpdate.ts";
import { type Droplet, dropletOutputs, getDroplet } from "./dropletView.ts";

export const droplet = bridged({
    fields: dropletFields,
    async create(inputs, call) {
        const planned = plan(dropletFields, inputs);
        const made = api<{ droplet: { id: number } }>("POST", "/v2/droplets", createRequest(inputs));
        const id = String((await explained("Error creating droplet", made)).droplet.id);
        let last: Droplet | undefined;
        const state = async (): Promise<string | undefined> => {
            last = await unlessGone(getDroplet(id));
            return last?.locked ? "new" : last?.status;
        };
        try {
            await waitFor({ call, target: "active", pending: ["new"], timeout: 3600, state });
        } catch (error) {
            const outputs = last ? dropletOutputs(last, planned) : withoutUnknown(planned);
            const words = `Error waiting for droplet (${id}) to become ready: ${(error as Error).message}`;
            throw initError(words, { id, outputs });
        }
        return { id, outputs: dropletOutputs(last as Droplet, planned) };
    },
    async read(id, olds) {
        const found = await explained("Error retrieving droplet", unlessGone(getDroplet(id)));
        if (!found) return undefined;
        // On import nothing is recorded yet; later the image may drift, since slugs move on to newer images.
        const imported =
            olds.image === undefined
                ? { image: found.image.slug || String(found.image.id), resizeDisk: true }
                : {};
        return dropletOutputs(found, { ...imported, ...olds });
    },
    update: (id, olds, news, call) => updateDroplet(id, olds, plan(dropletFields, news, olds), call),
    async delete(id, olds, call) {
        await unlocked(id, call);
        if (olds.gracefulShutdown === true) await shutDown(id, call);
        for (const volume of texts(olds.volumeIds)) await detach(volume, id, call);
        try {
            await api("DELETE", `/v2/droplets/${id}`);
        } catch (error) {
            if (hasStatus(error, 404)) return;
            throw Object.assign(error as Error, {
                message: `Error deleting droplet: ${(error as Error).message}`,
            });
        }
        const state = async (): Promise<string> => (await unlessGone(getDroplet(id)))?.status ?? "Not Found";
        const gone = waitFor({
            call,
            target: "Not Found",
            pending: ["active", "off", "new"],
            timeout: 60,
            state,
        });
        await explained("Error deleting droplet", gone);
    },
});

function createRequest(inputs: Props): Record<string, unknown> {
    const image = text(inputs.image);
    const keys = texts(inputs.sshKeys).map((key) => (/^\d+$/.test(key) ? Number(key) : key));
    const { backups, ipv6, privateNetworking, monitoring, dropletAgent, publicNetworking } = inputs;
    return {
        name: inputs.name,
        region: text(inputs.region).toLowerCase(),
        size: text(inputs.size).toLowerCase(),
        image: /^\d+$/.test(image) ? Number(image) : image,
        ssh_keys: keys.length > 0 ? keys : null,
        backups: backups === true,
        ipv6: ipv6 === true,
        private_networking: privateNetworking === true,
        monitoring: monitoring === true,
        ...present({ user_data: inputs.userData, volumes: list(inputs.volumeIds).map((id) => ({ id })) }),
        tags: texts(inputs.tags),
        ...present({ vpc_uuid: inputs.vpcUuid, backup_policy: inputs.backupPolicy }),
        ...(typeof dropletAgent === "boolean" ? { with_droplet_agent: dropletAgent } : {}),
        ...(publicNetworking === false ? { public_networking: false } : {}),
    };
}

async function unlocked(id: string, call: Call): Promise<void> {
    const state = async (): Promise<string> =>
        (await unlessGone(getDroplet(id)))?.locked ? "true" : "false";
    const wait = waitFor({ call, target: "false", pending: ["", "true"], timeout: 60, state });
    await explained(`Error waiting for droplet to be unlocked for destroy (${id})`, wait);
}

async function shutDown(id: string, call: Call): Promise<void> {
    await explained(`Error shutting down the the droplet (${id})`, dropletAction(id, { type: "shutdown" }));
    const state = async (): Promise<string | undefined> =>
        (await unlessGone(getDroplet(id)))?.status ?? "off";
    const wait = waitFor({ call, target: "off", pending: ["active"], timeout: 60, state });
    await explained(`Error waiting for droplet (${id}) to become off`, wait);
}

async function detach(volume: string, id: string, call: Call): Promise<void> {
    const body = { type: "detach", droplet_id: Number(id) };
    const work = api<{ action: { id: number } }>("POST", `/v2/volumes/${volume}/actions`, body);
    const { action } = await explained(
        `Error detaching volume ${JSON.stringify(volume)} from droplet (${id})`,
        work,
    );
    await completed(call, action.id);
}
