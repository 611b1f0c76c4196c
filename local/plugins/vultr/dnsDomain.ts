import { isIP } from "node:net";
import { output, plan, replacing, string } from "../kit/fields.ts";
import { explained, present } from "../kit/http.ts";
import type { CheckFailure } from "../kit/resource.ts";
import { isUnknown, type Props, text } from "../kit/values.ts";
import { api, unlessGone } from "./api.ts";
import { made, oneOf, shown, vultrResource } from "./shared.ts";

interface Domain {
    domain: string;
    date_created: string;
    dns_sec: string;
}

const fields = {
    dateCreated: output(string),
    dnsSec: { ...string, default: "disabled" },
    domain: replacing(string),
    ip: replacing(string),
};

async function read(id: string, before: Props): Promise<Props | undefined> {
    const found = unlessGone("Invalid domain", api<{ domain: Domain }>("GET", `/v2/domains/${id}`));
    const domain = (await explained("error getting domains ", found))?.domain;
    // The address that the first records got is never told again.
    return (
        domain && {
            ip: before.ip ?? null,
            ...shown(fields, {
                domain: domain.domain,
                dnsSec: domain.dns_sec,
                dateCreated: domain.date_created,
            }),
        }
    );
}

function validate(inputs: Props): CheckFailure[] {
    const failures = oneOf(inputs, { dnsSec: ["disabled", "enabled"] });
    const { ip } = inputs;
    if (ip === undefined || isUnknown(ip) || isIP(text(ip)) !== 0) return failures;
    return [...failures, { property: "ip", reason: `expected ip to contain a valid IP, got: ${text(ip)}` }];
}

export const dnsDomain = vultrResource({
    fields,
    validate,
    async create(inputs) {
        const body = present({ domain: inputs.domain, ip: inputs.ip, dns_sec: inputs.dnsSec });
        const request = api<{ domain: Domain }>("POST", "/v2/domains", body);
        const id = (await explained("error while creating domain ", request)).domain.domain;
        return made(id, plan(fields, inputs), () => read(id, inputs));
    },
    read,
    async update(id, olds, news) {
        const body = { dns_sec: news.dnsSec };
        await explained(`error updating domain ${id}`, api("PUT", `/v2/domains/${id}`, body));
        return (await read(id, olds)) ?? {};
    },
    delete: async (id) => {
        await explained(`error destroying domain ${id}`, api("DELETE", `/v2/domains/${id}`));
    },
});
