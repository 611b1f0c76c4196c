import { bridged } from "../kit/bridged.ts";
import { replacing, string, stringSet } from "../kit/fields.ts";
import { explained } from "../kit/http.ts";
import { type Props, text, texts } from "../kit/values.ts";
import { api, unlessGone } from "./api.ts";
import { addToDefaultProject, moveResources, projectUrns } from "./project.ts";

async function read(id: string, before: Props): Promise<Props | undefined> {
    const found = await explained(
        "Error while retrieving project",
        unlessGone(api("GET", `/v2/projects/${id}`)),
    );
    if (!found) return undefined;
    const there = await projectUrns(id);
    return {
        project: id,
        resources: texts(before.resources)
            .filter((urn) => there.includes(urn))
            .sort(),
    };
}

export const projectResources = bridged({
    fields: { project: replacing(string), resources: stringSet },
    async create(inputs) {
        const id = text(inputs.project);
        await explained(`Error while retrieving project ${id}`, api("GET", `/v2/projects/${id}`));
        await moveResources(id, [], texts(inputs.resources));
        return { id, outputs: (await read(id, inputs)) ?? {} };
    },
    read,
    async update(id, olds, news) {
        await moveResources(id, texts(olds.resources), texts(news.resources));
        return (await read(id, news)) ?? {};
    },
    async delete(_id, olds) {
        const urns = texts(olds.resources);
        if (urns.length > 0)
            await explained("Error assigning resources to default project", addToDefaultProject(urns));
    },
});
