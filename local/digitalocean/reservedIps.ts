import type { FastifyInstance, FastifyRequest } from "fastify";
import { asBody, type Body, idOf, integer, requiredString, string } from "../api/input.ts";
import { freeReservedIp } from "../api/leases.ts";
import { toNumber } from "../network/addresses.ts";
import { actionLink, actionView, hasPendingEvent, startAction } from "./actions.ts";
import { findRegion } from "./catalog.ts";
import type { Context } from "./context.ts";
import { dropletView } from "./dropletView.ts";
import { notFound, pendingEvent, unprocessable } from "./errors.ts";
import { page } from "./pages.ts";
import { forget, place, projectOf } from "./projects.ts";
import type { Action, Droplet, ReservedIp } from "./types.ts";

export function reservedIpRoutes(app: FastifyInstance, context: Context): void {
    const { state } = context;
    const find = (request: FastifyRequest) => {
        const { address } = request.params as { address: string };
        const reserved = state.reservedIps.find((candidate) => candidate.address === address);
        if (!reserved) throw notFound();
        return reserved;
    };
    const actionsOf = ({ address }: ReservedIp) =>
        state.actions.filter((action) => action.address === address);
    const view = (reserved: ReservedIp) => reservedIpView(context, reserved);
    const viewAction = (action: Action) => ({
        ...actionView(action),
        project_id: projectOf(context, urnOf(action.address ?? "")),
    });

    app.get("/v2/reserved_ips", (request) => page(request, "reserved_ips", state.reservedIps, view));
    app.post("/v2/reserved_ips", (request, reply) => {
        const { reserved, droplet } = create(context, asBody(request.body));
        if (!droplet) return reply.code(202).send({ reserved_ip: view(reserved), links: {} });
        const action = startAssign(context, reserved, droplet);
        const href = `${request.protocol}://${request.host}/v2/droplets/${droplet.id}`;
        const links = {
            droplets: [{ id: droplet.id, rel: "droplet", href }],
            actions: [actionLink(request, action, "assign_ip")],
        };
        return reply.code(202).send({ reserved_ip: view(reserved), links });
    });
    app.get("/v2/reserved_ips/:address", (request) => ({ reserved_ip: view(find(request)) }));
    app.delete("/v2/reserved_ips/:address", async (request, reply) => {
        const reserved = find(request);
        if (isPending(context, reserved)) throw pendingOfAddress();
        await context.machines.routeReservedIp(reserved.address, undefined);
        state.reservedIps = state.reservedIps.filter((other) => other !== reserved);
        forget(context, urnOf(reserved.address));
        return reply.code(204).send();
    });
    app.get("/v2/reserved_ips/:address/actions", (request) =>
        page(request, "actions", actionsOf(find(request)).toReversed(), viewAction),
    );
    app.post("/v2/reserved_ips/:address/actions", (request, reply) => {
        const action = act(context, find(request), asBody(request.body));
        return reply.code(201).send({ action: viewAction(action) });
    });
    app.get("/v2/reserved_ips/:address/actions/:id", (request) => {
        const id = idOf((request.params as { id: string }).id);
        const action = actionsOf(find(request)).find((candidate) => candidate.id === id);
        if (!action) throw notFound();
        return { action: viewAction(action) };
    });
}

/** Takes a droplet's reserved IPs from it before it goes; they stay with the account. */
export async function release(context: Context, dropletId: number): Promise<void> {
    for (const reserved of context.state.reservedIps.filter(
        (candidate) => candidate.dropletId === dropletId,
    )) {
        await context.machines.routeReservedIp(reserved.address, undefined);
        reserved.dropletId = null;
    }
}

function create(context: Context, body: Body): { reserved: ReservedIp; droplet: Droplet | undefined } {
    const { state, limits } = context;
    const dropletId = integer(body, "droplet_id");
    const droplet = dropletId === undefined ? undefined : assignable(context, dropletId, undefined);
    const region = droplet?.region ?? requiredString(body, "region");
    if (!findRegion(region)) throw unprocessable("Region is not available");
    const projectId = string(body, "project_id");
    if (projectId && !state.projects.some((project) => project.id === projectId)) throw notFound();
    if (state.reservedIps.length >= limits.reservedIps) {
        throw unprocessable("You have reached your reserved IP limit. Please contact support to raise it.");
    }
    const address = freeReservedIp(context);
    if (!address) throw unprocessable("No reserved IP is left");
    const reserved: ReservedIp = { address, region, dropletId: null };
    state.reservedIps.push(reserved);
    place(context, urnOf(address), projectId);
    return { reserved, droplet };
}

function act(context: Context, reserved: ReservedIp, body: Body): Action {
    const type = requiredString(body, "type");
    if (type !== "assign" && type !== "unassign") throw unprocessable(`${type} is not a valid action type`);
    if (isPending(context, reserved)) throw pendingOfAddress();
    if (type === "assign") {
        const dropletId = integer(body, "droplet_id");
        if (dropletId === undefined) throw unprocessable("droplet_id is required");
        return startAssign(context, reserved, assignable(context, dropletId, reserved));
    }
    const { dropletId } = reserved;
    if (dropletId === null) throw unprocessable("The reserved IP is not assigned to a Droplet.");
    if (hasPendingEvent(context, dropletId)) throw pendingEvent();
    return startAction(context, subjectOf(reserved, "unassign_ip", dropletId), async () => {
        await context.machines.routeReservedIp(reserved.address, undefined);
        reserved.dropletId = null;
    });
}

/** Whoever held the address before loses it in the same step; the former holder is not asked. */
function startAssign(context: Context, reserved: ReservedIp, droplet: Droplet): Action {
    return startAction(context, subjectOf(reserved, "assign_ip", droplet.id), async () => {
        await context.machines.routeReservedIp(reserved.address, droplet.id);
        reserved.dropletId = droplet.id;
    });
}

function assignable(context: Context, id: number, reserved: ReservedIp | undefined): Droplet {
    const droplet = context.state.droplets.find((candidate) => candidate.id === id);
    if (!droplet) throw notFound();
    if (reserved && droplet.region !== reserved.region) {
        throw unprocessable("The reserved IP and the Droplet must be in the same region.");
    }
    if (droplet.locked || hasPendingEvent(context, id)) throw pendingEvent();
    if (context.state.reservedIps.some((other) => other !== reserved && other.dropletId === id)) {
        throw unprocessable("The Droplet already has a reserved IP.");
    }
    return droplet;
}

/** As the provider does, the resource's id is the address as a number. */
function subjectOf({ address, region }: ReservedIp, type: string, dropletId: number) {
    const resourceType = "reserved_ip" as const;
    return { type, resourceId: toNumber(address), resourceType, region, dropletId, address };
}

function isPending({ state }: Context, { address }: ReservedIp): boolean {
    return state.actions.some((action) => action.address === address && action.status === "in-progress");
}

const pendingOfAddress = () => unprocessable("Reserved IP already has a pending event.");

const urnOf = (address: string) => `do:reservedip:${address}`;

function reservedIpView(context: Context, reserved: ReservedIp) {
    const droplet = context.state.droplets.find((candidate) => candidate.id === reserved.dropletId);
    return {
        ip: reserved.address,
        region: findRegion(reserved.region)!,
        droplet: droplet ? dropletView(context, droplet) : null,
        locked: isPending(context, reserved),
        project_id: projectOf(context, urnOf(reserved.address)),
    };
}
