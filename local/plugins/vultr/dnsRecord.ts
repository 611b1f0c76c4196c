import { number, plan, replacing, string } from "../kit/fields.ts";
import { explained, present } from "../kit/http.ts";
import { type Props, text } from "../kit/values.ts";
import { api } from "./api.ts";
import { made, oneOf, shown, vultrResource } from "./shared.ts";

interface DomainRecord {
    id: string;
    type: string;
    name: string;
    data: string;
    priority?: number;
    ttl?: number;
}

const fields = {
    data: string,
    domain: replacing(string),
    name: { ...string, autoname: true },
    priority: number,
    ttl: { ...number, default: 3600 },
    type: replacing(string),
};

const types = ["A", "AAAA", "CNAME", "NS", "MX", "SRV", "TXT", "CAA", "SSHFP"];
const path = (domain: unknown): string => `/v2/domains/${domain}/records`;

async function read(id: string, before: Props): Promise<Props | undefined> {
    const domain = text(before.domain);
    // The official provider takes any error for the record's end.
    const found = api<{ record: DomainRecord }>("GET", `${path(domain)}/${id}`).catch(() => undefined);
    const record = (await found)?.record;
    return (
        record &&
        shown(fields, {
            domain,
            type: record.type,
            name: record.name,
            data: record.data,
            priority: record.priority,
            ttl: record.ttl,
        })
    );
}

function request({ name, data, ttl, priority }: Props): Record<string, unknown> {
    return { name: name ?? "", ...present({ data, ttl }), priority: priority ?? 0 };
}

export const dnsRecord = vultrResource({
    fields,
    validate: (inputs) => oneOf(inputs, { type: types }),
    async create(inputs) {
        const created = api<{ record: DomainRecord }>("POST", path(inputs.domain), {
            type: inputs.type,
            ...request(inputs),
        });
        const { id } = (await explained("error creating DNS record ", created)).record;
        return made(id, plan(fields, inputs), () => read(id, inputs));
    },
    read,
    async update(id, _olds, news) {
        const work = api("PATCH", `${path(news.domain)}/${id}`, request(news));
        await explained(`error updating DNS record ${id} `, work);
        return (await read(id, news)) ?? {};
    },
    delete: async (id, olds) => {
        const work = api("DELETE", `${path(olds.domain)}/${id}`);
        await explained(`error deleting dns record ${id} `, work);
    },
});
