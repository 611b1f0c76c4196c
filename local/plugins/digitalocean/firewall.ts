import { bridged } from "../kit/bridged.ts";
import { collection, numberSet, output, plan, string } from "../kit/fields.ts";
import { explained } from "../kit/http.ts";
import { list, type Props, texts, type Value } from "../kit/values.ts";
import { api, hasStatus, unlessGone } from "./api.ts";
import { tagSet } from "./dropletFields.ts";
import {
    type ApiRule,
    fromApi,
    inboundRules,
    outboundRules,
    pendingChanges,
    toApi,
    validateRules,
} from "./firewallRules.ts";

interface Firewall {
    id: string;
    name: string;
    status: string;
    created_at: string;
    inbound_rules: ApiRule[] | null;
    outbound_rules: ApiRule[] | null;
    droplet_ids: number[] | null;
    tags: string[] | null;
    pending_changes: { droplet_id: number; removing: boolean; status: string }[] | null;
}

const fields = {
    createdAt: output(string),
    dropletIds: numberSet,
    inboundRules,
    name: { ...string, autoname: true },
    outboundRules,
    pendingChanges,
    status: output(string),
    tags: tagSet,
};

async function read(id: string, before: Props): Promise<Props | undefined> {
    const found = await explained(
        "Error retrieving firewall",
        unlessGone(api<{ firewall: Firewall }>("GET", `/v2/firewalls/${id}`)),
    );
    if (!found) return undefined;
    const { firewall } = found;
    const changes = (firewall.pending_changes ?? []).map(({ droplet_id, removing, status }): Value => {
        return { dropletId: droplet_id, removing, status };
    });
    return {
        ...before,
        name: firewall.name,
        status: firewall.status,
        createdAt: firewall.created_at,
        pendingChanges: changes,
        dropletIds: collection(
            [...(firewall.droplet_ids ?? [])].sort((a, b) => a - b),
            before.dropletIds,
        ),
        inboundRules: collection(fromApi(firewall.inbound_rules, "source"), before.inboundRules),
        outboundRules: collection(fromApi(firewall.outbound_rules, "destination"), before.outboundRules),
        tags: collection([...(firewall.tags ?? [])].sort(), before.tags),
    };
}

function request(inputs: Props): Record<string, unknown> {
    const droplets = list(inputs.dropletIds);
    return {
        name: inputs.name,
        inbound_rules: toApi(inputs.inboundRules, "source"),
        outbound_rules: toApi(inputs.outboundRules, "destination"),
        droplet_ids: droplets.length > 0 ? droplets : null,
        tags: texts(inputs.tags),
    };
}

export const firewall = bridged({
    fields,
    validate: validateRules,
    async create(inputs) {
        const made = api<{ firewall: Firewall }>("POST", "/v2/firewalls", request(inputs));
        const { id } = (await explained("Error creating firewall", made)).firewall;
        return { id, outputs: (await read(id, plan(fields, inputs))) ?? {} };
    },
    read,
    async update(id, olds, news) {
        await explained("Error updating firewall", api("PUT", `/v2/firewalls/${id}`, request(news)));
        return (await read(id, plan(fields, news, olds))) ?? {};
    },
    async delete(id) {
        const work = api("DELETE", `/v2/firewalls/${id}`);
        await explained("Error deleting firewall", work).catch((error) => {
            if (!hasStatus(error, 404)) throw error;
        });
    },
});
