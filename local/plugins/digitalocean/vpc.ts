import { bridged } from "../kit/bridged.ts";
import { boolean, computed, output, plan, replacing, string } from "../kit/fields.ts";
import { explained, present } from "../kit/http.ts";
import { type Props, text } from "../kit/values.ts";
import { retryWhile } from "../kit/wait.ts";
import { api, hasStatus, unlessGone } from "./api.ts";

export interface Vpc {
    id: string;
    urn: string;
    name: string;
    description: string;
    ip_range: string;
    region: string;
    created_at: string;
    default: boolean;
}

const fields = {
    createdAt: output(string),
    default: output(boolean),
    description: string,
    ipRange: computed(replacing(string)),
    name: { ...string, autoname: true },
    region: replacing(string),
    vpcUrn: output(string),
};

async function read(id: string): Promise<Props | undefined> {
    const found = await explained(
        "Error reading VPC",
        unlessGone(api<{ vpc: Vpc }>("GET", `/v2/vpcs/${id}`)),
    );
    if (!found) return undefined;
    const { name, region, description, ip_range, urn, default: isDefault, created_at } = found.vpc;
    return {
        name,
        region,
        description: description ?? "",
        ipRange: ip_range,
        vpcUrn: urn,
        default: isDefault,
        createdAt: goTime(created_at),
    };
}

/** As Go prints a time: 2026-11-21 00:41:48 +0000 UTC. */
export function goTime(iso: string): string {
    const date = new Date(iso);
    const fraction = /\.(\d*?)0*Z$/.exec(iso)?.[1];
    const [day, time] = date.toISOString().slice(0, 19).split("T");
    return `${day} ${time}${fraction ? `.${fraction}` : ""} +0000 UTC`;
}

export const vpc = bridged({
    fields,
    async create(inputs) {
        const { name, region, description, ipRange } = inputs;
        const body = { name, region, ...present({ description, ip_range: ipRange }) };
        const { vpc } = await explained("Error creating VPC", api<{ vpc: Vpc }>("POST", "/v2/vpcs", body));
        return { id: vpc.id, outputs: { ...plan(fields, inputs), ...(await read(vpc.id)) } };
    },
    read,
    async update(id, olds, news) {
        const body = {
            name: news.name,
            ...present({ description: news.description }),
            default: olds.default === true,
        };
        await explained("Error updating VPC ", api("PUT", `/v2/vpcs/${id}`, body));
        return { ...plan(fields, news, olds), ...(await read(id)) };
    },
    async delete(id, _olds, call) {
        // Members that are being deleted may still count for a while.
        const hasMembers = (error: unknown): boolean => hasStatus(error, 403, 409);
        try {
            await retryWhile(call, 120, hasMembers, () => api("DELETE", `/v2/vpcs/${id}`));
        } catch (error) {
            if (hasMembers(error)) throw error;
            throw new Error(`Error deleting VPC: ${text((error as Error).message)}`);
        }
    },
});
