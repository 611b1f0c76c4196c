import { bridged } from "../kit/bridged.ts";
import { number, output, plan, replacing, string } from "../kit/fields.ts";
import { explained, present } from "../kit/http.ts";
import { type Props, text } from "../kit/values.ts";
import { api, unlessGone } from "./api.ts";

interface Domain {
    name: string;
    ttl: number;
}

const fields = {
    domainUrn: output(string),
    ipAddress: replacing(string),
    name: replacing(string),
    ttl: output(number),
};

async function read(id: string, before: Props): Promise<Props | undefined> {
    const found = await explained(
        "Error retrieving domain",
        unlessGone(api<{ domain: Domain }>("GET", `/v2/domains/${id}`)),
    );
    if (!found) return undefined;
    const { name, ttl } = found.domain;
    return { ...before, name, domainUrn: `do:domain:${name}`, ttl: ttl ?? 0 };
}

export const domain = bridged({
    fields,
    async create(inputs) {
        const body = { name: inputs.name, ...present({ ip_address: inputs.ipAddress }) };
        const made = api<{ domain: Domain }>("POST", "/v2/domains", body);
        const id = text((await explained("Error creating Domain", made)).domain.name);
        return { id, outputs: (await read(id, plan(fields, inputs))) ?? {} };
    },
    read,
    delete: async (id) => {
        await explained("Error deleting Domain", api("DELETE", `/v2/domains/${id}`));
    },
});
