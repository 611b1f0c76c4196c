import type { FastifyInstance } from "fastify";
import { asBody, type Body, boolean, requiredString } from "../api/input.ts";
import { actionView, hasPendingEvent, startDropletAction } from "./actions.ts";
import { findSize } from "./catalog.ts";
import type { Context } from "./context.ts";
import { checkDropletName } from "./dropletCreate.ts";
import { pendingEvent, unprocessable } from "./errors.ts";
import type { Action, Droplet } from "./types.ts";

export function dropletActionRoutes(
    app: FastifyInstance,
    context: Context,
    find: (request: { params: unknown }) => Droplet,
    withTag: (name: string) => Droplet[],
): void {
    app.post("/v2/droplets/:id/actions", (request, reply) => {
        const action = act(context, find(request), asBody(request.body));
        return reply.code(201).send({ action: actionView(action) });
    });
    app.post("/v2/droplets/actions", (request, reply) => {
        const { tag_name: tag } = request.query as Record<string, string | undefined>;
        const body = asBody(request.body);
        const actions = withTag(tag ?? "").map((droplet) => actionView(act(context, droplet, body)));
        return reply.code(201).send({ actions });
    });
}

function act(context: Context, droplet: Droplet, body: Body): Action {
    const type = requiredString(body, "type");
    const work = workOf(context, droplet, type, body);
    if (droplet.locked || hasPendingEvent(context, droplet.id)) throw pendingEvent();
    return startDropletAction(context, droplet, type, work);
}

function workOf(context: Context, droplet: Droplet, type: string, body: Body): () => Promise<void> {
    const { machines } = context;
    const { id } = droplet;
    const become = (status: "active" | "off", work: () => Promise<void>) => async () => {
        await work();
        droplet.status = status;
    };
    switch (type) {
        case "power_on":
            if (droplet.status === "active") throw unprocessable("Droplet is already powered on.");
            return become("active", () => machines.powerOn(id));
        case "power_off":
            requireOn(droplet);
            return become("off", () => machines.powerOff(id));
        case "shutdown":
            requireOn(droplet);
            return become("off", () => machines.shutdown(id));
        case "reboot":
            requireOn(droplet);
            return become("active", () => machines.reboot(id));
        case "power_cycle":
            return become("active", async () => {
                if (droplet.status === "active") await machines.powerOff(id);
                await machines.powerOn(id);
            });
        case "resize":
            return resize(context, droplet, body);
        case "rename": {
            const name = requiredString(body, "name");
            checkDropletName(name);
            return async () => {
                droplet.name = name;
            };
        }
        case "enable_ipv6":
            context.log("IPv6 was asked for: hosts of the local cloud have IPv4 only");
            return async () => setFeature(droplet, "ipv6", true);
        case "enable_private_networking":
            return async () => setFeature(droplet, "private_networking", true);
        case "enable_backups":
        case "change_backup_policy":
            return async () => setFeature(droplet, "backups", true);
        case "disable_backups":
            return async () => setFeature(droplet, "backups", false);
        default:
            context.log(`NOT IN THE LOCAL CLOUD: droplet action ${type}`);
            throw unprocessable(`${type} is not an action of the local cloud`);
    }
}

function requireOn(droplet: Droplet): void {
    if (droplet.status !== "active") {
        throw unprocessable("Droplet is currently off. Please power it on to run this event.");
    }
}

function resize({ machines }: Context, droplet: Droplet, body: Body): () => Promise<void> {
    const size = findSize(requiredString(body, "size"));
    if (!size) throw unprocessable("You specified an invalid size for Droplet resize.");
    if (droplet.status !== "off") {
        throw unprocessable("Droplet is currently on. Please power it off to run this event.");
    }
    if (size.slug === droplet.size) throw unprocessable("Droplet is already this size.");
    if (size.disk < droplet.disk) {
        throw unprocessable("This size is not available because it has a smaller disk.");
    }
    return async () => {
        await machines.resize(droplet.id, { memoryMb: size.memory, vcpus: size.vcpus });
        droplet.size = size.slug;
        if (boolean(body, "disk")) droplet.disk = size.disk;
    };
}

function setFeature(droplet: Droplet, feature: string, isOn: boolean): void {
    const others = droplet.features.filter((other) => other !== feature);
    droplet.features = isOn ? [...others, feature].sort() : others;
}
