import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { startDropletAction } from "./actions.ts";
import type { Context } from "./context.ts";
import { ApiError, notFound, unprocessable } from "./errors.ts";
import { asBody, type Body, idOf, integer, string, strings } from "./input.ts";

interface Fault {
    id: number;
    latencyMs?: number;
    actionMs?: number;
    error?: { status: number; methods?: string[]; path?: string };
    pendingEvents?: number;
    until?: string;
}

export interface Faults {
    /** Delays or refuses a request as the faults of now say. */
    suffer(request: FastifyRequest, path: string): Promise<void>;
    count(method: string, route: string, status: number, caller: string): void;
}

/** Makes the API slow, failing or busy on demand, and tells what it was asked. */
export function localRoutes(app: FastifyInstance, context: Context): Faults {
    let faults: Fault[] = [];
    let lastId = 0;
    const ending = new AbortController();
    const counters = emptyCounters();
    const current = () => {
        faults = faults.filter(({ until }) => until === undefined || Date.parse(until) > Date.now());
        return faults;
    };

    context.actionMs = () => Math.max(0, ...current().map(({ actionMs = 0 }) => actionMs));

    app.get("/_local/faults", () => ({ faults: current() }));
    app.post("/_local/faults", (request, reply) => {
        const fault: Fault = { id: ++lastId, ...readFault(asBody(request.body)) };
        faults.push(fault);
        if (fault.pendingEvents) {
            const milliseconds = fault.pendingEvents * 1000;
            if (!fault.latencyMs && !fault.error) {
                fault.until ??= new Date(Date.now() + milliseconds).toISOString();
            }
            occupyDroplets(context, milliseconds, () => current().includes(fault));
        }
        context.log(`fault set: ${JSON.stringify(fault)}`);
        return reply.code(201).send({ fault });
    });
    app.delete("/_local/faults", (_request, reply) => {
        faults = [];
        context.log("faults cleared");
        return reply.code(204).send();
    });
    app.delete("/_local/faults/:id", (request, reply) => {
        const id = idOf((request.params as { id: string }).id);
        if (!faults.some((fault) => fault.id === id)) throw notFound();
        faults = faults.filter((fault) => fault.id !== id);
        return reply.code(204).send();
    });
    app.get("/_local/requests", () => counters);
    app.delete("/_local/requests", (_request, reply) => {
        Object.assign(counters, emptyCounters());
        return reply.code(204).send();
    });
    app.get("/_local/limits", () => ({ limits: context.limits }));
    app.put("/_local/limits", (request) => {
        const body = asBody(request.body);
        for (const name of Object.keys(context.limits) as (keyof typeof context.limits)[]) {
            context.limits[name] = integer(body, name) ?? context.limits[name];
        }
        return { limits: context.limits };
    });
    app.addHook("onClose", async () => ending.abort());

    return {
        async suffer(request, path) {
            for (const { latencyMs, error } of current()) {
                if (latencyMs) await sleep(latencyMs, undefined, { signal: ending.signal, ref: false });
                if (!error || (error.methods && !error.methods.includes(request.method))) continue;
                if (error.path === undefined || path.startsWith(error.path)) {
                    throw new ApiError(error.status, ...(refusals[error.status] ?? trouble));
                }
            }
        },
        count(method, route, status, caller) {
            counters.total++;
            bump(counters.byRoute, `${method} ${route}`);
            bump(counters.byStatus, String(status));
            bump(counters.byCaller, caller);
        },
    };
}

const trouble = ["server_error", "Unexpected server-side error"] as const;
/** What the provider itself says with these. */
const refusals: Record<number, readonly [string, string]> = {
    401: ["Unauthorized", "Unable to authenticate you"],
    403: ["forbidden", "You are not authorized to perform this operation"],
};

function emptyCounters() {
    const none = () => ({}) as Record<string, number>;
    return { total: 0, byRoute: none(), byStatus: none(), byCaller: none() };
}

function bump(counts: Record<string, number>, key: string): void {
    counts[key] = (counts[key] ?? 0) + 1;
}

/** An event that a client did not start, such as a backup, keeps every droplet busy. */
function occupyDroplets(context: Context, milliseconds: number, isOn: () => boolean): void {
    const end = Date.now() + milliseconds;
    for (const droplet of context.state.droplets) {
        startDropletAction(context, droplet, "snapshot", async () => {
            while (Date.now() < end && isOn() && !context.closing) await sleep(50, undefined, { ref: false });
        });
    }
}

function readFault(body: Body): Omit<Fault, "id"> {
    const latencyMs = integer(body, "latencyMs");
    const actionMs = integer(body, "actionMs");
    const until = string(body, "until");
    if (until !== undefined && Number.isNaN(Date.parse(until)))
        throw unprocessable("until must be an RFC 3339 time");
    const pendingEvents = body.pendingEvents ?? undefined;
    if (pendingEvents !== undefined && typeof pendingEvents !== "number") {
        throw unprocessable("pendingEvents must be a number of seconds");
    }
    const error = body.error ? readError(asBody(body.error)) : undefined;
    return {
        ...(latencyMs !== undefined && { latencyMs }),
        ...(actionMs !== undefined && { actionMs }),
        ...(error && { error }),
        ...(pendingEvents !== undefined && { pendingEvents }),
        ...(until !== undefined && { until }),
    };
}

function readError(body: Body): NonNullable<Fault["error"]> {
    const status = integer(body, "status");
    if (status === undefined || status < 400 || status > 599)
        throw unprocessable("error.status must be 400 to 599");
    const methods = strings(body, "methods").map((method) => method.toUpperCase());
    const path = string(body, "path");
    return { status, ...(methods.length > 0 && { methods }), ...(path !== undefined && { path }) };
}
