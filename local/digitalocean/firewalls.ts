import { randomUUID } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { asBody, type Body, idOf, integers, requiredString, strings } from "../api/input.ts";
import type { Context } from "./context.ts";
import { conflict, notFound, unprocessable } from "./errors.ts";
import { firewallsOf } from "./firewallPlan.ts";
import { readRules, without } from "./firewallRules.ts";
import { page } from "./pages.ts";
import { timestamp } from "./state.ts";
import { findTag } from "./tags.ts";
import type { Firewall } from "./types.ts";

export function firewallRoutes(app: FastifyInstance, context: Context): void {
    const { state } = context;
    const find = (request: { params: unknown }) => {
        const { id } = request.params as { id: string };
        const firewall = state.firewalls.find((candidate) => candidate.id === id);
        if (!firewall) throw notFound();
        return firewall;
    };

    const view = (firewall: Firewall) => firewallView(context, firewall);

    app.get("/v2/firewalls", (request) => page(request, "firewalls", state.firewalls, view));
    app.post("/v2/firewalls", async (request, reply) => {
        const body = readFirewall(context, asBody(request.body), undefined);
        const firewall: Firewall = { id: randomUUID(), createdAt: timestamp(), ...body };
        state.firewalls.push(firewall);
        await context.filters.apply();
        return reply.code(202).send({ firewall: view(firewall) });
    });
    app.get("/v2/firewalls/:id", (request) => ({ firewall: view(find(request)) }));
    app.put("/v2/firewalls/:id", async (request) => {
        const firewall = find(request);
        Object.assign(firewall, readFirewall(context, asBody(request.body), firewall));
        await context.filters.apply();
        return { firewall: view(firewall) };
    });
    app.delete("/v2/firewalls/:id", async (request, reply) => {
        state.firewalls.splice(state.firewalls.indexOf(find(request)), 1);
        await context.filters.apply();
        return reply.code(204).send();
    });

    /** Adding and removing members or rules answers 204 without a body. */
    function edit(part: string, add: (firewall: Firewall, body: Body) => void, remove: typeof add): void {
        for (const [method, change] of [["POST", add] as const, ["DELETE", remove] as const]) {
            app.route({
                method,
                url: `/v2/firewalls/:id/${part}`,
                handler: async (request, reply) => {
                    change(find(request), asBody(request.body));
                    await context.filters.apply();
                    return reply.code(204).send();
                },
            });
        }
    }
    edit(
        "droplets",
        (firewall, body) => {
            firewall.dropletIds = union(firewall.dropletIds, readDropletIds(context, body));
        },
        (firewall, body) => {
            firewall.dropletIds = without(firewall.dropletIds, integers(body, "droplet_ids"));
        },
    );
    edit(
        "tags",
        (firewall, body) => {
            firewall.tags = union(firewall.tags, readTags(context, body));
        },
        (firewall, body) => {
            firewall.tags = without(firewall.tags, readTags(context, body));
        },
    );
    edit(
        "rules",
        (firewall, body) => {
            const { inbound, outbound } = readRules(context, body);
            firewall.inbound.push(...inbound);
            firewall.outbound.push(...outbound);
        },
        (firewall, body) => {
            const { inbound, outbound } = readRules(context, body);
            firewall.inbound = without(firewall.inbound, inbound);
            firewall.outbound = without(firewall.outbound, outbound);
        },
    );

    app.get("/v2/droplets/:id/firewalls", (request) => {
        const id = idOf((request.params as { id: string }).id);
        const droplet = state.droplets.find((candidate) => candidate.id === id);
        if (!droplet) throw notFound();
        return page(request, "firewalls", firewallsOf(context, droplet), view);
    });
}

function firewallView(context: Context, firewall: Firewall) {
    const droplets = context.state.droplets.filter((droplet) =>
        firewallsOf(context, droplet).includes(firewall),
    );
    const inState = (state: string) => droplets.filter(({ id }) => context.filters.stateOf(id) === state);
    const waiting = inState("waiting");
    return {
        id: firewall.id,
        name: firewall.name,
        status: inState("failed").length > 0 ? "failed" : waiting.length > 0 ? "waiting" : "succeeded",
        inbound_rules: firewall.inbound,
        outbound_rules: firewall.outbound,
        created_at: firewall.createdAt,
        droplet_ids: firewall.dropletIds,
        tags: firewall.tags,
        pending_changes: waiting.map(({ id }) => ({ droplet_id: id, removing: false, status: "waiting" })),
    };
}

type Written = Pick<Firewall, "name" | "inbound" | "outbound" | "dropletIds" | "tags">;

function readFirewall(context: Context, body: Body, former: Firewall | undefined): Written {
    const name = requiredString(body, "name");
    if (!/^[a-zA-Z0-9][a-zA-Z0-9.-]*$/.test(name)) {
        throw unprocessable(
            "name must start with an alphanumeric character and have only those, periods and dashes",
        );
    }
    if (context.state.firewalls.some((other) => other !== former && other.name === name)) {
        throw conflict("duplicate name");
    }
    const rules = readRules(context, body);
    if (rules.inbound.length + rules.outbound.length === 0) {
        throw unprocessable("must have at least one inbound or outbound rule");
    }
    return { name, ...rules, dropletIds: readDropletIds(context, body), tags: readTags(context, body) };
}

function readDropletIds({ state }: Context, body: Body): number[] {
    const ids = integers(body, "droplet_ids");
    const unknown = ids.filter((id) => !state.droplets.some((droplet) => droplet.id === id));
    if (unknown.length > 0) throw unprocessable(`droplets do not exist: ${unknown.join(", ")}`);
    return union([], ids);
}

function readTags(context: Context, body: Body): string[] {
    const tags = strings(body, "tags").map((name) => {
        const tag = findTag(context, name);
        if (tag === undefined) throw unprocessable(`tag "${name}" does not exist`);
        return tag;
    });
    return union([], tags);
}

function union<T>(first: T[], second: T[]): T[] {
    return [...new Set([...first, ...second])];
}
