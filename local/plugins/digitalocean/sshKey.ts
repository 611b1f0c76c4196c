import { bridged } from "../kit/bridged.ts";
import { output, plan, replacing, string } from "../kit/fields.ts";
import { explained } from "../kit/http.ts";
import { type Props, text } from "../kit/values.ts";
import { retryWhile } from "../kit/wait.ts";
import { api, hasStatus, unlessGone } from "./api.ts";

export interface SshKey {
    id: number;
    name: string;
    fingerprint: string;
    public_key: string;
}

const fields = {
    fingerprint: output(string),
    name: { ...string, autoname: true },
    publicKey: {
        ...replacing(string),
        same: (old: unknown, next: unknown) => String(old).trim() === String(next).trim(),
    },
};

const get = (id: string): Promise<{ ssh_key: SshKey }> => api("GET", `/v2/account/keys/${id}`);

async function read(id: string): Promise<Props | undefined> {
    const found = await explained("Error retrieving SSH key", unlessGone(get(id)));
    if (!found) return undefined;
    const { name, fingerprint, public_key } = found.ssh_key;
    return { name, fingerprint, publicKey: public_key };
}

export const sshKey = bridged({
    fields,
    async create(inputs, call) {
        const body = { name: inputs.name, public_key: inputs.publicKey };
        const made = api<{ ssh_key: SshKey }>("POST", "/v2/account/keys", body);
        const id = String((await explained("Error creating SSH Key", made)).ssh_key.id);
        const visible = retryWhile(
            call,
            120,
            (error) => hasStatus(error, 404),
            () => get(id),
        );
        await explained("Error retrieving SSH Key", visible);
        return { id, outputs: { ...plan(fields, inputs), ...(await read(id)) } };
    },
    read,
    async update(id, olds, news) {
        await explained(
            "Failed to update SSH key",
            api("PUT", `/v2/account/keys/${id}`, { name: text(news.name) }),
        );
        return { ...olds, ...(await read(id)) };
    },
    delete: async (id) => {
        await explained("Error deleting SSH key", api("DELETE", `/v2/account/keys/${id}`));
    },
});
