import { randomUUID } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { asBody, requiredString, string } from "../api/input.ts";
import { isPublicKey } from "../api/publicKey.ts";
import { type Context, timestamp } from "./context.ts";
import { gone, invalid } from "./errors.ts";
import { byId } from "./find.ts";
import { page } from "./pages.ts";
import type { Key } from "./types.ts";

export function keyRoutes(app: FastifyInstance, { state }: Context): void {
    const find = byId(() => state.keys, gone.key);

    app.get("/v2/ssh-keys", (request) => page(request, "ssh_keys", state.keys, keyView));
    app.post("/v2/ssh-keys", (request, reply) => {
        const body = asBody(request.body);
        const name = requiredString(body, "name");
        const publicKey = checked(requiredString(body, "ssh_key"));
        const key: Key = { id: randomUUID(), name, publicKey, createdAt: timestamp() };
        state.keys.push(key);
        return reply.code(201).send({ ssh_key: keyView(key) });
    });
    app.get("/v2/ssh-keys/:id", (request) => ({ ssh_key: keyView(find(request)) }));
    app.patch("/v2/ssh-keys/:id", (request, reply) => {
        const key = find(request);
        const body = asBody(request.body);
        key.name = string(body, "name") || key.name;
        key.publicKey = checked(string(body, "ssh_key") || key.publicKey);
        return reply.code(204).send();
    });
    app.delete("/v2/ssh-keys/:id", (request, reply) => {
        state.keys.splice(state.keys.indexOf(find(request)), 1);
        return reply.code(204).send();
    });
}

function checked(publicKey: string): string {
    if (!isPublicKey(publicKey)) throw invalid("Invalid SSH key format");
    return publicKey;
}

const keyView = (key: Key) => ({
    id: key.id,
    name: key.name,
    ssh_key: key.publicKey,
    date_created: key.createdAt,
});
