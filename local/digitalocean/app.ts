import { randomUUID } from "node:crypto";
import Fastify, { type FastifyInstance } from "fastify";
import { actionRoutes, reason } from "./actions.ts";
import { authorize, type Caller, callerOf, type Tokens } from "./auth.ts";
import { catalogRoutes } from "./catalog.ts";
import type { Context } from "./context.ts";
import { domainRoutes } from "./domains.ts";
import { dropletRoutes } from "./droplets.ts";
import { ApiError, notFound } from "./errors.ts";
import { localRoutes } from "./faults.ts";
import { firewallRoutes } from "./firewalls.ts";
import { keyRoutes } from "./keys.ts";
import { projectRoutes } from "./projects.ts";
import { rateLimiter } from "./rateLimit.ts";
import { reservedIpRoutes } from "./reservedIps.ts";
import { tagRoutes } from "./tags.ts";
import { vpcRoutes } from "./vpcs.ts";

/** Every request in order: who it is, whether it may, how often, what faults say, then its route. */
export function createApp(context: Context, tokens: Tokens): FastifyInstance {
    const app = Fastify({ genReqId: () => randomUUID(), forceCloseConnections: true });
    const callers = new WeakMap<object, Caller>();
    const admit = rateLimiter(context.limits);
    readJson(app);
    const faults = localRoutes(app, context);

    app.addHook("onRequest", async (request, reply) => {
        const path = request.url.split("?")[0]!;
        reply.header("x-request-id", request.id);
        const caller = callerOf(request.headers.authorization, tokens);
        callers.set(request, caller);
        if (path.startsWith("/_local/")) return authorize(caller, request.method, path);
        const isKeyList = request.method === "GET" && path === "/v2/account/keys";
        admit(caller, (name, value) => reply.header(name, value), isKeyList);
        await faults.suffer(request, path);
        if (!request.is404) authorize(caller, request.method, path);
    });
    // A client may act on its answer only once it is on disk.
    app.addHook("onSend", async (request) => {
        if (request.method !== "GET") await context.store.save();
    });
    app.addHook("onResponse", async (request, reply) => {
        if (request.url.startsWith("/_local/")) return;
        const route = request.is404 ? "unknown" : (request.routeOptions.url ?? "unknown");
        faults.count(request.method, route, reply.statusCode, callers.get(request) ?? "unknown");
    });

    app.setNotFoundHandler((request) => {
        context.log(`NOT IN THE LOCAL CLOUD: ${request.method} ${request.url}`);
        throw notFound();
    });
    app.setErrorHandler((error, request, reply) => {
        const answer =
            error instanceof ApiError ? error : asApiError(error, (line) => context.log(line), request);
        return reply
            .code(answer.status)
            .send({ id: answer.id, message: answer.message, request_id: request.id });
    });

    for (const routes of [
        actionRoutes,
        catalogRoutes,
        domainRoutes,
        dropletRoutes,
        firewallRoutes,
        keyRoutes,
        projectRoutes,
        reservedIpRoutes,
        tagRoutes,
        vpcRoutes,
    ]) {
        routes(app, context);
    }
    return app;
}

/** Clients name JSON as the type of bodies that they leave empty, too. */
function readJson(app: FastifyInstance): void {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => {
        try {
            done(null, body === "" ? undefined : JSON.parse(String(body)));
        } catch {
            done(new ApiError(400, "bad_request", "The request body is not valid JSON"));
        }
    });
}

function asApiError(
    error: unknown,
    log: (line: string) => void,
    request: { method: string; url: string },
): ApiError {
    const status = (error as { statusCode?: number }).statusCode ?? 500;
    if (status < 500) return new ApiError(status, "bad_request", reason(error));
    log(`${request.method} ${request.url} failed: ${error instanceof Error ? error.stack : String(error)}`);
    return new ApiError(500, "server_error", "Unexpected server-side error");
}
