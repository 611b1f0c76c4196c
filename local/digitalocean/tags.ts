import type { FastifyInstance } from "fastify";
import { asBody, idOf, list, requiredString } from "../api/input.ts";
import type { Context } from "./context.ts";
import { notFound, unprocessable } from "./errors.ts";
import { page } from "./pages.ts";
import type { Droplet } from "./types.ts";

export function tagRoutes(app: FastifyInstance, context: Context): void {
    const { state } = context;
    const find = (request: { params: unknown }) => {
        const tag = findTag(context, (request.params as { name: string }).name);
        if (tag === undefined) throw notFound();
        return tag;
    };
    const view = (tag: string) => tagView(context, tag);

    app.get("/v2/tags", (request) => page(request, "tags", state.tags, view));
    app.post("/v2/tags", (request, reply) => {
        const tag = ensureTag(context, requiredString(asBody(request.body), "name"));
        return reply.code(201).send({ tag: view(tag) });
    });
    app.get("/v2/tags/:name", (request) => ({ tag: view(find(request)) }));
    app.delete("/v2/tags/:name", async (request, reply) => {
        const tag = find(request);
        state.tags.splice(state.tags.indexOf(tag), 1);
        for (const tagged of [...state.droplets, ...state.firewalls]) remove(tagged.tags, tag);
        await context.filters.apply();
        return reply.code(204).send();
    });
    app.post("/v2/tags/:name/resources", async (request, reply) => {
        const tag = find(request);
        for (const droplet of resourcesOf(context, request.body)) {
            if (!droplet.tags.includes(tag)) droplet.tags = [...droplet.tags, tag].sort();
        }
        await context.filters.apply();
        return reply.code(204).send();
    });
    app.delete("/v2/tags/:name/resources", async (request, reply) => {
        const tag = find(request);
        for (const droplet of resourcesOf(context, request.body)) remove(droplet.tags, tag);
        await context.filters.apply();
        return reply.code(204).send();
    });
}

/** Names differ in more than case, so "Web" finds "web". */
export function findTag({ state }: Context, name: string): string | undefined {
    return state.tags.find((tag) => tag.toLowerCase() === name.toLowerCase());
}

export function checkTagName(name: string): void {
    if (!/^[a-zA-Z0-9:\-_]{1,255}$/.test(name)) {
        throw unprocessable("Tags may contain letters, numbers, colons, dashes, and underscores");
    }
}

/** The tag of that name, made when there is none. */
export function ensureTag(context: Context, name: string): string {
    checkTagName(name);
    const existing = findTag(context, name);
    if (existing === undefined) context.state.tags.push(name);
    return existing ?? name;
}

function resourcesOf({ state }: Context, body: unknown): Droplet[] {
    return list(asBody(body), "resources").map((item) => {
        const resource = asBody(item);
        const type = requiredString(resource, "resource_type");
        if (type !== "droplet") throw unprocessable(`Resources of type ${type} are not in the local cloud`);
        const id = idOf(String(resource.resource_id));
        const droplet = state.droplets.find((candidate) => candidate.id === id);
        if (!droplet) throw notFound();
        return droplet;
    });
}

function remove(tags: string[], tag: string): void {
    const index = tags.indexOf(tag);
    if (index >= 0) tags.splice(index, 1);
}

function tagView({ state }: Context, name: string) {
    const tagged = state.droplets.filter((droplet) => droplet.tags.includes(name));
    const last = tagged.at(-1);
    const lastUri = last && { last_tagged_uri: `/v2/droplets/${last.id}` };
    return {
        name,
        // The official provider reads a count from each kind without asking whether it is there.
        resources: {
            count: tagged.length,
            ...lastUri,
            droplets: { count: tagged.length, ...lastUri },
            images: { count: 0 },
            volumes: { count: 0 },
            volume_snapshots: { count: 0 },
            databases: { count: 0 },
        },
    };
}
