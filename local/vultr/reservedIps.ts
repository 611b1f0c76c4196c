import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyInstance } from "fastify";
import { inBackground, reason } from "../api/background.ts";
import { asBody, type Body, requiredString, string } from "../api/input.ts";
import { freeReservedIp } from "../api/leases.ts";
import { findRegion } from "./catalog.ts";
import type { Context } from "./context.ts";
import { gone, invalid, notLocal } from "./errors.ts";
import { byId, findInstance } from "./find.ts";
import { page } from "./pages.ts";
import type { Instance, ReservedIp } from "./types.ts";

export function reservedIpRoutes(app: FastifyInstance, context: Context): void {
    const { state } = context;
    const find = byId(() => state.reservedIps, gone.reservedIp);

    app.get("/v2/reserved-ips", (request) =>
        page(request, "reserved_ips", state.reservedIps, reservedIpView),
    );
    app.post("/v2/reserved-ips", async (request, reply) => {
        const { reserved, instance } = create(context, asBody(request.body));
        if (instance) await move(context, reserved, instance);
        return reply.code(201).send({ reserved_ip: reservedIpView(reserved) });
    });
    app.get("/v2/reserved-ips/:id", (request) => ({ reserved_ip: reservedIpView(find(request)) }));
    app.patch("/v2/reserved-ips/:id", (request) => {
        const reserved = find(request);
        reserved.label = string(asBody(request.body), "label") ?? reserved.label;
        return { reserved_ip: reservedIpView(reserved) };
    });
    app.delete("/v2/reserved-ips/:id", async (request, reply) => {
        const reserved = find(request);
        if (context.moving.has(reserved.id)) throw stillMoving();
        await context.machines.routeReservedIp(reserved.address, undefined);
        state.reservedIps = state.reservedIps.filter((other) => other !== reserved);
        return reply.code(204).send();
    });
    app.post("/v2/reserved-ips/:id/attach", async (request, reply) => {
        const reserved = find(request);
        const instance = attachable(
            context,
            requiredString(asBody(request.body), "instance_id"),
            reserved.region,
        );
        await attach(context, reserved, instance);
        return reply.code(204).send();
    });
    app.post("/v2/reserved-ips/:id/detach", async (request, reply) => {
        const reserved = find(request);
        if (context.moving.has(reserved.id)) throw stillMoving();
        if (reserved.instanceId === null) throw invalid("Reserved IP is not attached to a server");
        await move(context, reserved, undefined);
        return reply.code(204).send();
    });
}

/** There is no move in one call: whoever has the address keeps it until it is detached, which takes its time. */
async function attach(context: Context, reserved: ReservedIp, instance: Instance): Promise<void> {
    const { instanceId } = reserved;
    if (instanceId !== null && instanceId !== instance.id) {
        throw invalid("Floating IPv4 address is already attached to another server");
    }
    if (context.moving.has(reserved.id)) throw stillMoving();
    // The official provider attaches once more what it created attached.
    if (instanceId === null) await move(context, reserved, instance);
}

const stillMoving = () => invalid("Reserved IP is still being attached or detached");

/** Done when it is answered, unless actions are slow now: then the answer comes first. */
async function move(context: Context, reserved: ReservedIp, instance: Instance | undefined): Promise<void> {
    const { machines, moving, store, log } = context;
    const milliseconds = context.actionMs();
    const work = async () => {
        await sleep(milliseconds, undefined, { ref: false });
        await machines.routeReservedIp(reserved.address, instance?.hostId);
        reserved.instanceId = instance?.id ?? null;
    };
    moving.add(reserved.id);
    const done = work().finally(() => moving.delete(reserved.id));
    if (milliseconds === 0) return done;
    inBackground(context, async () => {
        await done.catch((error) =>
            log(`reserved IP ${reserved.address} could not be moved: ${reason(error)}`),
        );
        await store.save();
    });
}

/** An instance that goes leaves its addresses with the account. */
export async function release(context: Context, instance: Instance): Promise<void> {
    for (const reserved of context.state.reservedIps.filter(({ instanceId }) => instanceId === instance.id)) {
        reserved.instanceId = null;
        await context.machines.routeReservedIp(reserved.address, undefined);
    }
}

function create(context: Context, body: Body): { reserved: ReservedIp; instance: Instance | undefined } {
    const region = requiredString(body, "region");
    if (!findRegion(region)) throw gone.region();
    if (requiredString(body, "ip_type") !== "v4") throw notLocal("A reserved IPv6 network");
    const instanceId = string(body, "instance_id");
    const instance = instanceId ? attachable(context, instanceId, region) : undefined;
    const address = freeReservedIp(context);
    if (!address) throw invalid("No reserved IP is left");
    const label = string(body, "label") ?? "";
    const reserved: ReservedIp = { id: randomUUID(), address, region, label, instanceId: null };
    context.state.reservedIps.push(reserved);
    return { reserved, instance };
}

function attachable(context: Context, id: string, region: string): Instance {
    const instance = findInstance(context, id);
    if (instance.region !== region)
        throw invalid("The reserved IP and the server must be in the same region");
    if (instance.status === "pending") throw invalid("The server is still being installed");
    return instance;
}

const reservedIpView = (reserved: ReservedIp) => ({
    id: reserved.id,
    region: reserved.region,
    ip_type: "v4",
    subnet: reserved.address,
    subnet_size: 32,
    label: reserved.label,
    instance_id: reserved.instanceId ?? "",
});
