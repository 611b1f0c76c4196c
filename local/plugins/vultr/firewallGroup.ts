import { number, output, plan, string } from "../kit/fields.ts";
import { explained } from "../kit/http.ts";
import type { Props } from "../kit/values.ts";
import { api, unlessGone } from "./api.ts";
import { made, shown, vultrResource } from "./shared.ts";

interface FirewallGroup {
    id: string;
    description: string;
    date_created: string;
    date_modified: string;
    instance_count: number;
    rule_count: number;
    max_rule_count: number;
}

const fields = {
    dateCreated: output(string),
    dateModified: output(string),
    description: { ...string, default: "" },
    instanceCount: output(number),
    maxRuleCount: output(number),
    ruleCount: output(number),
};

async function read(id: string): Promise<Props | undefined> {
    const found = unlessGone(
        '"status":404',
        api<{ firewall_group: FirewallGroup }>("GET", `/v2/firewalls/${id}`),
    );
    const group = (await explained(`error getting firewall group ${id} `, found))?.firewall_group;
    return (
        group &&
        shown(fields, {
            description: group.description,
            dateCreated: group.date_created,
            dateModified: group.date_modified,
            instanceCount: group.instance_count,
            ruleCount: group.rule_count,
            maxRuleCount: group.max_rule_count,
        })
    );
}

const request = ({ description }: Props): Props => ({ description: description ?? "" });

export const firewallGroup = vultrResource({
    fields,
    async create(inputs) {
        const created = api<{ firewall_group: FirewallGroup }>("POST", "/v2/firewalls", request(inputs));
        const { id } = (await explained("error creating firewall group", created)).firewall_group;
        return made(id, plan(fields, inputs), () => read(id));
    },
    read,
    async update(id, _olds, news) {
        const work = api("PUT", `/v2/firewalls/${id}`, request(news));
        await explained(`error updating firewall group ${id} `, work);
        return (await read(id)) ?? {};
    },
    delete: async (id) => {
        await explained(`error destroying firewall group ${id}`, api("DELETE", `/v2/firewalls/${id}`));
    },
});
