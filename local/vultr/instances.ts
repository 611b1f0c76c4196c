import { randomBytes } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { asBody, requiredString, strings } from "../api/input.ts";
import type { Context } from "./context.ts";
import { gone } from "./errors.ts";
import { byId, findInstance, listedInstances } from "./find.ts";
import { changeInstance, changeVpc } from "./instanceChange.ts";
import { createInstance } from "./instanceCreate.ts";
import { instancePartRoutes } from "./instanceParts.ts";
import { instanceView } from "./instanceView.ts";
import { page } from "./pages.ts";
import { release } from "./reservedIps.ts";
import type { Instance } from "./types.ts";
import { startWork } from "./work.ts";

export function instanceRoutes(app: FastifyInstance, context: Context): void {
    const find = byId(() => listedInstances(context), gone.instance);
    const view = (instance: Instance) => instanceView(context, instance);

    app.get("/v2/instances", (request) => {
        const query = request.query as Record<string, string | undefined>;
        const isWanted = (instance: Instance) =>
            (query.tag === undefined || hasTag(instance, query.tag)) &&
            (query.label ?? instance.label) === instance.label &&
            (query.hostname ?? instance.hostname) === instance.hostname &&
            (query.region ?? instance.region) === instance.region &&
            (query.main_ip ?? instance.address) === instance.address &&
            (query.firewall_group_id ?? instance.groupId) === instance.groupId;
        return page(request, "instances", listedInstances(context).filter(isWanted), view);
    });
    app.post("/v2/instances", (request, reply) => {
        const instance = createInstance(context, asBody(request.body));
        // It is told once; nobody logs in with it here.
        const password = randomBytes(12).toString("base64url");
        return reply.code(202).send({ instance: { ...view(instance), default_password: password } });
    });
    app.get("/v2/instances/:id", (request) => ({ instance: view(find(request)) }));
    app.patch("/v2/instances/:id", async (request, reply) => {
        const instance = find(request);
        await changeInstance(context, instance, asBody(request.body));
        return reply.code(202).send({ instance: view(instance) });
    });
    app.delete("/v2/instances/:id", (request, reply) => {
        startEnd(context, find(request));
        return reply.code(204).send();
    });

    for (const [word, action] of Object.entries(powerActions)) {
        const start = (instance: Instance) =>
            startWork(context, instance, word, () => action(context, instance.hostId));
        app.post(`/v2/instances/:id/${word}`, (request, reply) => {
            start(find(request));
            return reply.code(204).send();
        });
        app.post(`/v2/instances/${word}`, (request, reply) => {
            const ids = strings(asBody(request.body), "instance_ids");
            for (const instance of ids.map((id) => findInstance(context, id))) start(instance);
            return reply.code(204).send();
        });
    }
    for (const word of ["attach", "detach"]) {
        app.post(`/v2/instances/:id/vpcs/${word}`, (request, reply) => {
            const ids = [requiredString(asBody(request.body), "vpc_id")];
            const [attached, detached] = word === "attach" ? [ids, []] : [[], ids];
            changeVpc(context, find(request), attached, detached);
            return reply.code(204).send();
        });
    }
    instancePartRoutes(app, context, find);
}

/** The provider knows no shutdown: both others pull the plug. */
const powerActions: Record<string, (context: Context, hostId: number) => Promise<void>> = {
    halt: ({ machines }, hostId) => machines.powerOff(hostId),
    start: ({ machines }, hostId) => machines.powerOn(hostId),
    async reboot({ machines }, hostId) {
        await machines.powerOff(hostId);
        await machines.powerOn(hostId);
    },
};

function hasTag({ tags }: Instance, tag: string): boolean {
    return tags.some((own) => own.toLowerCase() === tag.toLowerCase());
}

/** Gone for its owner at once, with its addresses taken until its host is gone too. */
export function startEnd(context: Context, instance: Instance): void {
    instance.isEnding = true;
    startWork(context, instance, "destroy", async () => {
        const { machines, state, filters } = context;
        await release(context, instance);
        await machines.destroyHost(instance.hostId);
        state.instances.splice(state.instances.indexOf(instance), 1);
        await filters.apply();
    });
}
