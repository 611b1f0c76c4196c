import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ApiContext } from "./context.ts";
import { ApiError, InvalidInput } from "./errors.ts";
import { asBody, type Body, idOf, integer, string, strings } from "./input.ts";
import type { Provider } from "./provider.ts";

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
export function localRoutes<Context extends ApiContext>(
    app: FastifyInstance,
    context: Context,
    { says, occupy }: Pick<Provider<Context>, "says" | "occupy">,
): Faults {
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
        if (fault.pendingEvents && !occupy) throw new InvalidInput("This provider has no pending events");
        faults.push(fault);
        if (fault.pendingEvents) {
            const milliseconds = fault.pendingEvents * 1000;
            if (!fault.latencyMs && !fault.error) {
                fault.until ??= new Date(Date.now() + milliseconds).toISOString();
            }
            occupy?.(context, milliseconds, () => current().includes(fault));
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
        if (!faults.some((fault) => fault.id === id)) throw new ApiError(404, says(404));
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
        for (const [name, limit] of Object.entries(context.limits)) {
            context.limits[name] = integer(body, name) ?? limit;
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
                    throw new ApiError(error.status, says(error.status));
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

function emptyCounters() {
    const none = () => ({}) as Record<string, number>;
    return { total: 0, byRoute: none(), byStatus: none(), byCaller: none() };
}

function bump(counts: Record<string, number>, key: string): void {
    counts[key] = (counts[key] ?? 0) + 1;
}

function readFault(body: Body): Omit<Fault, "id"> {
    const latencyMs = integer(body, "latencyMs");
    const actionMs = integer(body, "actionMs");
    const until = string(body, "until");
    if (until !== undefined && Number.isNaN(Date.parse(until)))
        throw new InvalidInput("until must be an RFC 3339 time");
    const pendingEvents = body.pendingEvents ?? undefined;
    if (pendingEvents !== undefined && typeof pendingEvents !== "number") {
        throw new InvalidInput("pendingEvents must be a number of seconds");
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
        throw new InvalidInput("error.status must be 400 to 599");
    const methods = strings(body, "methods").map((method) => method.toUpperCase());
    const path = string(body, "path");
    return { status, ...(methods.length > 0 && { methods }), ...(path !== undefined && { path }) };
}
