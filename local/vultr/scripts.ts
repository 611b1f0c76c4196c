import { randomUUID } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { asBody, requiredString, string } from "../api/input.ts";
import { fromBase64 } from "./base64.ts";
import { type Context, timestamp } from "./context.ts";
import { gone, invalid } from "./errors.ts";
import { byId } from "./find.ts";
import { page } from "./pages.ts";
import type { StartupScript } from "./types.ts";

export function scriptRoutes(app: FastifyInstance, { state }: Context): void {
    const find = byId(() => state.scripts, gone.script);

    app.get("/v2/startup-scripts", (request) =>
        page(request, "startup_scripts", state.scripts, (script) => {
            const { script: _, ...rest } = scriptView(script);
            return rest;
        }),
    );
    app.post("/v2/startup-scripts", (request, reply) => {
        const body = asBody(request.body);
        const type = string(body, "type") || "boot";
        if (type !== "boot" && type !== "pxe") throw invalid("Invalid script type");
        const now = timestamp();
        const script: StartupScript = {
            id: randomUUID(),
            name: requiredString(body, "name"),
            type,
            script: checked(requiredString(body, "script")),
            createdAt: now,
            modifiedAt: now,
        };
        state.scripts.push(script);
        return reply.code(201).send({ startup_script: scriptView(script) });
    });
    app.get("/v2/startup-scripts/:id", (request) => ({ startup_script: scriptView(find(request)) }));
    app.patch("/v2/startup-scripts/:id", (request, reply) => {
        const script = find(request);
        const body = asBody(request.body);
        const text = checked(string(body, "script") || script.script);
        script.name = string(body, "name") || script.name;
        script.script = text;
        script.modifiedAt = timestamp();
        return reply.code(204).send();
    });
    app.delete("/v2/startup-scripts/:id", (request, reply) => {
        state.scripts.splice(state.scripts.indexOf(find(request)), 1);
        return reply.code(204).send();
    });
}

function checked(script: string): string {
    fromBase64(script, "script");
    return script;
}

const scriptView = (script: StartupScript) => ({
    id: script.id,
    name: script.name,
    type: script.type,
    script: script.script,
    date_created: script.createdAt,
    date_modified: script.modifiedAt,
});
