import { randomUUID } from "node:crypto";
import Fastify, { type FastifyInstance } from "fastify";
import { reason } from "./background.ts";
import type { ApiContext } from "./context.ts";
import { ApiError, InvalidInput } from "./errors.ts";
import { localRoutes } from "./faults.ts";
import type { Provider } from "./provider.ts";

/** Every request in order: who it is, whether it may, how often, what faults say, then its route. */
export function createApp<Context extends ApiContext>(
    context: Context,
    provider: Provider<Context>,
): FastifyInstance {
    const app = Fastify({ genReqId: () => randomUUID(), forceCloseConnections: true });
    const callers = new WeakMap<object, string>();
    readJson(app, provider);
    const faults = localRoutes(app, context, provider);

    app.addHook("onRequest", async (request, reply) => {
        const path = request.url.split("?")[0]!;
        reply.header("x-request-id", request.id);
        const caller = provider.callerOf(request.headers.authorization);
        callers.set(request, caller);
        if (path.startsWith("/_local/")) return provider.authorize(caller, request.method, path);
        provider.admit(request, caller, (name, value) => reply.header(name, value));
        await faults.suffer(request, path);
        if (!request.is404) provider.authorize(caller, request.method, path);
    });
    app.addHook("onSend", async (request, reply, payload) => {
        // A client may act on its answer only once it is on disk.
        if (request.method !== "GET") await context.store.save();
        // With a charset, Vultr's client takes an answer for something else.
        if (payload) reply.header("content-type", "application/json");
    });
    app.addHook("onResponse", async (request, reply) => {
        if (request.url.startsWith("/_local/")) return;
        const route = request.is404 ? "unknown" : (request.routeOptions.url ?? "unknown");
        faults.count(request.method, route, reply.statusCode, callers.get(request) ?? "unknown");
    });

    app.setNotFoundHandler((request) => {
        context.log(`NOT IN THE LOCAL CLOUD: ${request.method} ${request.url}`);
        throw new ApiError(404, provider.says(404));
    });
    app.setErrorHandler((error, request, reply) => {
        const answer = asApiError(error, provider, (line) =>
            context.log(`${request.method} ${request.url} ${line}`),
        );
        return reply.code(answer.status).send(provider.errorBody(answer, request.id));
    });

    for (const routes of provider.routes) routes(app, context);
    return app;
}

type Words = Pick<Provider<never>, "says" | "invalidInput">;

/** Clients name JSON as the type of bodies that they leave empty, too. */
function readJson(app: FastifyInstance, { says }: Words): void {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => {
        try {
            done(null, body === "" ? undefined : JSON.parse(String(body)));
        } catch {
            done(new ApiError(400, says(400)));
        }
    });
}

function asApiError(error: unknown, { says, invalidInput }: Words, log: (line: string) => void): ApiError {
    if (error instanceof ApiError) return error;
    if (error instanceof InvalidInput) return new ApiError(invalidInput, error.message);
    const status = (error as { statusCode?: number }).statusCode ?? 500;
    if (status < 500) return new ApiError(status, reason(error));
    log(`failed: ${error instanceof Error ? error.stack : String(error)}`);
    return new ApiError(500, says(500));
}
