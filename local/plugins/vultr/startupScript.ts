import { output, plan, replacing, string } from "../kit/fields.ts";
import { explained, present } from "../kit/http.ts";
import type { CheckFailure } from "../kit/resource.ts";
import { isUnknown, type Props, text } from "../kit/values.ts";
import { api, unlessGone } from "./api.ts";
import { made, oneOf, shown, vultrResource } from "./shared.ts";

interface StartupScript {
    id: string;
    name: string;
    type: string;
    script: string;
    date_created: string;
    date_modified: string;
}

const fields = {
    dateCreated: output(string),
    dateModified: output(string),
    name: { ...string, autoname: true },
    script: string,
    type: { ...replacing(string), default: "boot" },
};

async function read(id: string): Promise<Props | undefined> {
    const found = unlessGone(
        "Invalid startup script ID",
        api<{ startup_script: StartupScript }>("GET", `/v2/startup-scripts/${id}`),
    );
    const script = (await explained("error getting startup script", found))?.startup_script;
    return (
        script &&
        shown(fields, {
            name: script.name,
            script: script.script,
            type: script.type,
            dateCreated: script.date_created,
            dateModified: script.date_modified,
        })
    );
}

function validate(inputs: Props): CheckFailure[] {
    const failures = oneOf(inputs, { type: ["boot", "pxe"] });
    const script = text(inputs.script);
    if (isUnknown(script) || Buffer.from(script, "base64").toString("base64") === script) return failures;
    const reason = `expected "script" to be a base64 string, got ${script}`;
    return [...failures, { property: "script", reason }];
}

const request = ({ name, type, script }: Props): Record<string, unknown> => present({ name, type, script });

export const startupScript = vultrResource({
    fields,
    validate,
    async create(inputs) {
        const created = api<{ startup_script: StartupScript }>(
            "POST",
            "/v2/startup-scripts",
            request(inputs),
        );
        const { id } = (await explained("Error creating startup script", created)).startup_script;
        return made(id, plan(fields, inputs), () => read(id));
    },
    read,
    async update(id, _olds, news) {
        const work = api("PATCH", `/v2/startup-scripts/${id}`, request(news));
        await explained(`Error updating startup script (${id})`, work);
        return (await read(id)) ?? {};
    },
    delete: async (id) => {
        const work = api("DELETE", `/v2/startup-scripts/${id}`);
        await explained(`error destroying startup script (${id})`, work);
    },
});
