import type { FastifyInstance } from "fastify";
import { asBody, idOf } from "../api/input.ts";
import { actionLink, actionView, hasPendingEvent, startDropletAction } from "./actions.ts";
import type { Context } from "./context.ts";
import { dropletActionRoutes } from "./dropletActions.ts";
import { createDroplets } from "./dropletCreate.ts";
import { dropletView } from "./dropletView.ts";
import { notFound, pendingEvent, unprocessable } from "./errors.ts";
import { page } from "./pages.ts";
import { forget } from "./projects.ts";
import { release } from "./reservedIps.ts";
import { findTag } from "./tags.ts";
import type { Action, Droplet } from "./types.ts";

export function dropletRoutes(app: FastifyInstance, context: Context): void {
    const { state } = context;
    const find = (request: { params: unknown }) =>
        findDroplet(context, (request.params as { id: string }).id);
    const view = (droplet: Droplet) => dropletView(context, droplet);
    const withTag = (name: string) => {
        const tag = findTag(context, name);
        return state.droplets.filter((droplet) => tag !== undefined && droplet.tags.includes(tag));
    };

    app.get("/v2/droplets", (request) => {
        const { tag_name: tag, name, type } = request.query as Record<string, string | undefined>;
        const chosen = (tag === undefined ? state.droplets : withTag(tag))
            .filter((droplet) => name === undefined || droplet.name === name)
            .filter(() => type !== "gpus");
        return page(request, "droplets", chosen, view);
    });
    app.post("/v2/droplets", async (request, reply) => {
        const body = asBody(request.body);
        const created = await createDroplets(context, body);
        const links = { actions: created.map(({ action }) => actionLink(request, action, "create")) };
        const views = created.map(({ droplet }) => view(droplet));
        return reply.code(202).send(body.names ? { droplets: views, links } : { droplet: views[0], links });
    });
    app.get("/v2/droplets/:id", (request) => ({ droplet: view(find(request)) }));
    app.delete("/v2/droplets/:id", (request, reply) => {
        destroy(context, find(request));
        return reply.code(204).send();
    });
    app.delete("/v2/droplets", (request, reply) => {
        const { tag_name: tag } = request.query as Record<string, string | undefined>;
        if (!tag) throw unprocessable("tag_name is required");
        for (const droplet of withTag(tag)) destroy(context, droplet);
        return reply.code(204).send();
    });
    app.get("/v2/droplets/:id/actions", (request) => {
        const actions = actionsOf(context, find(request));
        return page(request, "actions", actions.toReversed(), actionView);
    });
    app.get("/v2/droplets/:id/actions/:action", (request) => {
        const id = idOf((request.params as { action: string }).action);
        const action = actionsOf(context, find(request)).find((candidate) => candidate.id === id);
        if (!action) throw notFound();
        return { action: actionView(action) };
    });
    for (const part of ["kernels", "snapshots", "backups"]) {
        app.get(`/v2/droplets/:id/${part}`, (request) => {
            find(request);
            return page(request, part, [], () => undefined);
        });
    }
    app.get("/v2/droplets/:id/neighbors", (request) => {
        find(request);
        return { droplets: [] };
    });
    dropletActionRoutes(app, context, find, withTag);
}

function findDroplet({ state }: Context, text: string): Droplet {
    const id = idOf(text);
    const droplet = state.droplets.find((candidate) => candidate.id === id);
    if (!droplet) throw notFound();
    return droplet;
}

function actionsOf({ state }: Context, droplet: Droplet): Action[] {
    return state.actions.filter(
        (action) => action.resourceType === "droplet" && action.resourceId === droplet.id,
    );
}

/** The droplet is listed until its host is gone; a reserved IP that it holds stays with the account. */
function destroy(context: Context, droplet: Droplet): void {
    if (droplet.locked || hasPendingEvent(context, droplet.id)) throw pendingEvent();
    startDropletAction(context, droplet, "destroy", async () => {
        await release(context, droplet.id);
        await context.machines.destroyHost(droplet.id);
        const { state } = context;
        state.droplets.splice(state.droplets.indexOf(droplet), 1);
        for (const firewall of state.firewalls) {
            firewall.dropletIds = firewall.dropletIds.filter((id) => id !== droplet.id);
        }
        forget(context, `do:droplet:${droplet.id}`);
        await context.filters.apply();
    });
}
