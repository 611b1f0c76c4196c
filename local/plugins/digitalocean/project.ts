import { bridged } from "../kit/bridged.ts";
import { boolean, computed, number, output, plan, string, stringSet } from "../kit/fields.ts";
import { explained, present } from "../kit/http.ts";
import { type Props, text, texts, type Value } from "../kit/values.ts";
import { retryWhile } from "../kit/wait.ts";
import { all, api, hasStatus, unlessGone } from "./api.ts";

interface Project {
    id: string;
    owner_uuid: string;
    owner_id: number;
    name: string;
    description: string;
    purpose: string;
    environment: string;
    is_default: boolean;
    created_at: string;
    updated_at: string;
}

const fields = {
    createdAt: output(string),
    description: { ...string, default: "" },
    environment: {
        ...string,
        same: (old: Value, next: Value) => text(old).toLowerCase() === text(next).toLowerCase(),
    },
    isDefault: { ...boolean, default: false },
    name: { ...string, autoname: true },
    ownerId: output(number),
    ownerUuid: output(string),
    purpose: { ...string, default: "Web Application" },
    resources: computed(stringSet),
    updatedAt: output(string),
};

export async function projectUrns(id: string): Promise<string[]> {
    const found = await all<{ urn: string }>(`/v2/projects/${id}/resources`, "resources");
    return found.map(({ urn }) => urn).sort();
}

async function addToProject(id: string, urns: string[]): Promise<void> {
    const work = api("POST", `/v2/projects/${id}/resources`, { resources: urns });
    await explained("Error assigning resources", work);
}

export async function addToDefaultProject(urns: string[]): Promise<void> {
    const found = api<{ project: Project }>("GET", "/v2/projects/default");
    await addToProject((await explained("Error locating default project", found)).project.id, urns);
}

/** Moves resources in and, those not wanted any more, out to the default project. */
export async function moveResources(id: string, olds: string[], news: string[]): Promise<void> {
    const removed = olds.filter((urn) => !news.includes(urn));
    const added = news.filter((urn) => !olds.includes(urn));
    if (removed.length > 0)
        await explained("Error assigning resources to default project", addToDefaultProject(removed));
    if (added.length > 0) await explained("Error Updating project", addToProject(id, added));
}

async function read(id: string, before: Props): Promise<Props | undefined> {
    const found = await explained(
        "Error reading Project",
        unlessGone(api<{ project: Project }>("GET", `/v2/projects/${id}`)),
    );
    if (!found) return undefined;
    const { project } = found;
    return {
        ...before,
        name: project.name,
        purpose: project.purpose.replace(/^Other: /, ""),
        description: project.description,
        environment: project.environment,
        isDefault: project.is_default,
        ownerUuid: project.owner_uuid,
        ownerId: project.owner_id,
        createdAt: project.created_at,
        updatedAt: project.updated_at,
        resources: await projectUrns(id),
    };
}

function update(id: string, inputs: Props): Promise<unknown> {
    const { name, description, purpose, environment, isDefault } = inputs;
    return api("PATCH", `/v2/projects/${id}`, {
        name,
        description,
        purpose,
        environment: environment ?? "",
        is_default: isDefault,
    });
}

export const project = bridged({
    fields,
    async create(inputs) {
        const planned = plan(fields, inputs);
        const { name, purpose, description, environment } = planned;
        const body = { name, purpose, ...present({ description, environment }) };
        const made = api<{ project: Project }>("POST", "/v2/projects", body);
        const { id } = (await explained("Error creating Project", made)).project;
        const urns = texts(inputs.resources);
        if (urns.length > 0)
            await explained("Error creating Project", addToProject(id, urns)).catch(async (error) => {
                await api("DELETE", `/v2/projects/${id}`).catch(() => undefined);
                throw error;
            });
        if (inputs.isDefault === true)
            await explained("Error setting project as default", update(id, planned));
        return { id, outputs: (await read(id, planned)) ?? {} };
    },
    read,
    async update(id, olds, news) {
        const planned = plan(fields, news, olds);
        await explained("Error updating Project", update(id, planned));
        await moveResources(id, texts(olds.resources), texts(planned.resources));
        return (await read(id, planned)) ?? {};
    },
    async delete(id, olds, call) {
        const urns = texts(olds.resources);
        if (urns.length > 0)
            await explained("Error assigning resource to default project", addToDefaultProject(urns));
        const moving = (error: unknown): boolean =>
            hasStatus(error, 412) &&
            error.reason.toLowerCase().includes("cannot delete a project with resources");
        const work = retryWhile(call, 180, moving, () => api("DELETE", `/v2/projects/${id}`));
        await explained(`Error deleting project (${id})`, work);
    },
});
