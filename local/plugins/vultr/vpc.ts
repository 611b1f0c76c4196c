import { isIPv4 } from "node:net";
import { computed, number, output, plan, replacing, string } from "../kit/fields.ts";
import { explained } from "../kit/http.ts";
import type { CheckFailure } from "../kit/resource.ts";
import { isUnknown, type Props, text } from "../kit/values.ts";
import { retryWhile } from "../kit/wait.ts";
import { api, unlessGone } from "./api.ts";
import { made, region, shown, vultrResource } from "./shared.ts";

interface Vpc {
    id: string;
    region: string;
    description: string;
    v4_subnet: string;
    v4_subnet_mask: number;
    date_created: string;
}

const fields = {
    dateCreated: output(string),
    description: { ...string, default: "" },
    region,
    v4Subnet: computed(replacing(string)),
    v4SubnetMask: computed(replacing(number)),
};

async function read(id: string): Promise<Props | undefined> {
    const found = unlessGone("Invalid VPC ID", api<{ vpc: Vpc }>("GET", `/v2/vpcs/${id}`));
    const vpc = (await explained("error getting VPC", found))?.vpc;
    return (
        vpc &&
        shown(fields, {
            region: vpc.region,
            description: vpc.description,
            v4Subnet: vpc.v4_subnet,
            v4SubnetMask: vpc.v4_subnet_mask,
            dateCreated: vpc.date_created,
        })
    );
}

function validate({ v4Subnet }: Props): CheckFailure[] {
    if (v4Subnet === undefined || isUnknown(v4Subnet) || isIPv4(text(v4Subnet))) return [];
    const reason = `expected v4_subnet to contain a valid IPv4 address, got: ${text(v4Subnet)}`;
    return [{ property: "v4Subnet", reason }];
}

const deleteTimeout = 19 * 60;

export const vpc = vultrResource({
    fields,
    validate,
    async create(inputs) {
        const body = {
            region: inputs.region,
            description: inputs.description ?? "",
            v4_subnet: inputs.v4Subnet ?? "",
            v4_subnet_mask: inputs.v4SubnetMask ?? 0,
        };
        const { vpc } = await explained("error creating VPC", api<{ vpc: Vpc }>("POST", "/v2/vpcs", body));
        return made(vpc.id, plan(fields, inputs), () => read(vpc.id));
    },
    read,
    async update(id, _olds, news) {
        const body = { description: news.description ?? "" };
        await explained("error updating VPC", api("PUT", `/v2/vpcs/${id}`, body));
        return (await read(id)) ?? {};
    },
    async delete(id, _olds, call) {
        // Instances that are being deleted may still count for a while.
        const words = "attached to this VPC network";
        const remove = (): Promise<unknown> =>
            api("DELETE", `/v2/vpcs/${id}`).catch((error: Error) => {
                if (!error.message.includes(words)) throw error;
                throw new Error(`cannot remove attached VPC: ${error.message}`);
            });
        const attached = (error: unknown): boolean => (error as Error).message.includes(words);
        const work = retryWhile(call, deleteTimeout, attached, remove);
        await explained(`error destroying VPC (${id})`, work);
    },
});
