import { bridged } from "../kit/bridged.ts";
import { computed, number, output, plan, replacing, string } from "../kit/fields.ts";
import { explained } from "../kit/http.ts";
import { initError } from "../kit/resource.ts";
import type { Props } from "../kit/values.ts";
import { assign, getReservedIp, type ReservedIp, unassign } from "./actions.ts";
import { api, hasStatus, unlessGone } from "./api.ts";
import { slug } from "./dropletFields.ts";

const fields = {
    dropletId: number,
    ipAddress: computed(string),
    region: replacing(slug),
    reservedIpUrn: output(string),
};

function outputs({ ip, region, droplet }: ReservedIp, before: Props): Props {
    const own = { ...before, ipAddress: ip, reservedIpUrn: `do:reservedip:${ip}` };
    if (!before.dropletId || !droplet) return { ...own, region: region.slug };
    return { ...own, region: droplet.region.slug, dropletId: droplet.id };
}

async function read(id: string, before: Props): Promise<Props | undefined> {
    const found = await explained("Error retrieving reserved IP", unlessGone(getReservedIp(id)));
    return found && outputs(found, before);
}

export const reservedIp = bridged({
    fields,
    async create(inputs, call) {
        const planned = plan(fields, inputs);
        const made = api<{ reserved_ip: ReservedIp }>("POST", "/v2/reserved_ips", { region: inputs.region });
        const created = (await explained("Error creating reserved IP", made)).reserved_ip;
        try {
            if (inputs.dropletId) await assign(call, created.ip, Number(inputs.dropletId));
        } catch (error) {
            const partial = { id: created.ip, outputs: outputs(created, planned) };
            throw initError((error as Error).message, partial);
        }
        return { id: created.ip, outputs: (await read(created.ip, planned)) ?? {} };
    },
    read,
    async update(id, olds, news, call) {
        if (news.dropletId) {
            if (news.dropletId !== olds.dropletId) await assign(call, id, Number(news.dropletId));
        } else if (olds.dropletId)
            await explained(`Error unassigning reserved IP (${id})`, unassign(call, id));
        return (await read(id, plan(fields, news, olds))) ?? {};
    },
    async delete(id, olds, call) {
        if (olds.dropletId) {
            const work = explained(
                `Error unassigning reserved IP (${id}) from the droplet`,
                unassign(call, id),
            );
            await work.catch((error) => {
                // Nobody holds it any more.
                if (!hasStatus(error, 422)) throw error;
            });
        }
        await explained("Error deleting reserved IP", api("DELETE", `/v2/reserved_ips/${id}`));
    },
});
