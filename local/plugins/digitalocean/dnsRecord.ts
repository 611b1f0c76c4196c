import { bridged } from "../kit/bridged.ts";
import { computed, number, output, plan, replacing, string } from "../kit/fields.ts";
import { explained, present } from "../kit/http.ts";
import type { CheckFailure } from "../kit/resource.ts";
import { isUnknown, type Props, text, type Value } from "../kit/values.ts";
import { api, hasStatus, unlessGone } from "./api.ts";

interface DomainRecord {
    id: number;
    type: string;
    name: string;
    data: string;
    priority: number | null;
    port: number | null;
    ttl: number | null;
    weight: number | null;
    flags: number | null;
    tag: string | null;
}

const fields = {
    domain: replacing(string),
    flags: number,
    fqdn: output(string),
    name: { ...string, autoname: true, same: sameName },
    port: number,
    priority: number,
    tag: string,
    ttl: computed(number),
    type: replacing(string),
    value: { ...string, same: sameValue },
    weight: number,
};

function sameName(old: Value, next: Value, news: Props): boolean {
    const domain = `${text(news.domain)}.`;
    return old === next || (old === "@" && next === domain) || `${text(old)}.${domain}` === next;
}

function sameValue(old: Value, next: Value, news: Props): boolean {
    const domain = `${text(news.domain)}.`;
    return old === next || (old === "@" && next === domain) || old === `${text(next)}.${domain}`;
}

const dotted = ["CNAME", "MX", "NS", "SRV", "CAA"];

async function read(id: string, before: Props): Promise<Props | undefined> {
    const path = `/v2/domains/${text(before.domain)}/records/${id}`;
    const found = await unlessGone(api<{ domain_record: DomainRecord }>("GET", path));
    if (!found) return undefined;
    const { type, name, data, tag, priority, port, ttl, weight, flags } = found.domain_record;
    return {
        ...before,
        name,
        type,
        value: dotted.includes(type) && data !== "@" && tag !== "iodef" ? `${data}.` : data,
        port: port ?? 0,
        priority: priority ?? 0,
        ttl: ttl ?? 0,
        weight: weight ?? 0,
        flags: flags ?? 0,
        tag: tag ?? "",
        fqdn: fqdn(name, text(before.domain)),
    };
}

function fqdn(name: string, domain: string): string {
    if (name === "@") return domain;
    const lower = name.toLowerCase();
    return lower.endsWith(`${domain}.`) ? lower.slice(0, -1) : `${name}.${domain}`;
}

function request(inputs: Props): Record<string, unknown> {
    const { name, value, port, priority, ttl, weight, flags, tag } = inputs;
    const numbers = {
        priority: priority ?? 0,
        port: port ?? 0,
        ...present({ ttl }),
        weight: weight ?? 0,
        flags: flags ?? 0,
    };
    return { name, data: value, ...numbers, ...present({ tag }) };
}

/** What each type cannot do without. */
const required: Record<string, string[]> = {
    MX: ["priority"],
    SRV: ["priority", "weight", "port"],
    CAA: ["flags", "tag"],
};

function validate(inputs: Props): CheckFailure[] {
    if (isUnknown(inputs.type)) return [];
    const lacking = (required[text(inputs.type)] ?? []).filter((name) => inputs[name] === undefined);
    return lacking.map((property) => ({
        property,
        reason: `\`${property}\` is required for when type is \`${text(inputs.type)}\``,
    }));
}

export const dnsRecord = bridged({
    fields,
    validate,
    async create(inputs) {
        const path = `/v2/domains/${text(inputs.domain)}/records`;
        const made = api<{ domain_record: DomainRecord }>("POST", path, {
            type: inputs.type,
            ...request(inputs),
        });
        const id = String((await explained("Failed to create record", made)).domain_record.id);
        return { id, outputs: (await read(id, plan(fields, inputs))) ?? {} };
    },
    read,
    async update(id, olds, news) {
        const path = `/v2/domains/${text(news.domain)}/records/${id}`;
        await explained("Failed to update record", api("PUT", path, request(news)));
        return (await read(id, plan(fields, news, olds))) ?? {};
    },
    async delete(id, olds) {
        const work = api("DELETE", `/v2/domains/${text(olds.domain)}/records/${id}`);
        await explained("Error deleting record", work).catch((error) => {
            if (!hasStatus(error, 404)) throw error;
        });
    },
});
