import { output, plan, string } from "../kit/fields.ts";
import { explained } from "../kit/http.ts";
import type { Props } from "../kit/values.ts";
import { api, unlessGone } from "./api.ts";
import { made, shown, vultrResource } from "./shared.ts";

interface SshKey {
    id: string;
    name: string;
    ssh_key: string;
    date_created: string;
}

const fields = {
    dateCreated: output(string),
    name: { ...string, autoname: true },
    sshKey: string,
};

async function read(id: string): Promise<Props | undefined> {
    const found = unlessGone("Invalid ssh key", api<{ ssh_key: SshKey }>("GET", `/v2/ssh-keys/${id}`));
    const key = (await explained("error getting SSH keys", found))?.ssh_key;
    return key && shown(fields, { name: key.name, sshKey: key.ssh_key, dateCreated: key.date_created });
}

export const sshKey = vultrResource({
    fields,
    async create(inputs) {
        const body = { name: inputs.name, ssh_key: inputs.sshKey };
        const request = api<{ ssh_key: SshKey }>("POST", "/v2/ssh-keys", body);
        const { id } = (await explained("error creating SSH key", request)).ssh_key;
        return made(id, plan(fields, inputs), () => read(id));
    },
    read,
    async update(id, olds, news) {
        const body = {
            ...(news.name !== olds.name && { name: news.name }),
            ...(news.sshKey !== olds.sshKey && { ssh_key: news.sshKey }),
        };
        await explained(`error updating SSH key (${id})`, api("PATCH", `/v2/ssh-keys/${id}`, body));
        return (await read(id)) ?? {};
    },
    delete: async (id) => {
        await explained(`error destroying SSH key (${id})`, api("DELETE", `/v2/ssh-keys/${id}`));
    },
});
