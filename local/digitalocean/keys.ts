import { createHash } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { asBody, idOf, requiredString } from "../api/input.ts";
import { publicKeyBlob } from "../api/publicKey.ts";
import type { Context } from "./context.ts";
import { notFound, unprocessable } from "./errors.ts";
import { page } from "./pages.ts";
import type { Key } from "./types.ts";

export function keyRoutes(app: FastifyInstance, context: Context): void {
    const { state, store } = context;
    const find = (request: { params: unknown }) => {
        const found = findKey(context, (request.params as { key: string }).key);
        if (!found) throw notFound();
        return found;
    };

    app.get("/v2/account/keys", (request) => page(request, "ssh_keys", state.keys, keyView));
    app.post("/v2/account/keys", (request, reply) => {
        const body = asBody(request.body);
        const name = requiredString(body, "name");
        const publicKey = requiredString(body, "public_key");
        const key: Key = { id: 0, name, publicKey, fingerprint: fingerprintOf(publicKey) };
        if (findKey(context, key.fingerprint))
            throw unprocessable("SSH Key is already in use on your account");
        key.id = store.nextId();
        state.keys.push(key);
        return reply.code(201).send({ ssh_key: keyView(key) });
    });
    app.get("/v2/account/keys/:key", (request) => ({ ssh_key: keyView(find(request)) }));
    app.put("/v2/account/keys/:key", (request) => {
        const key = find(request);
        key.name = requiredString(asBody(request.body), "name");
        return { ssh_key: keyView(key) };
    });
    app.delete("/v2/account/keys/:key", (request, reply) => {
        state.keys.splice(state.keys.indexOf(find(request)), 1);
        return reply.code(204).send();
    });
}

/** By id or fingerprint, as a number or its digits. */
export function findKey({ state }: Context, key: unknown): Key | undefined {
    return state.keys.find((known) => known.fingerprint === key || known.id === idOf(String(key)));
}

function keyView(key: Key) {
    return { id: key.id, fingerprint: key.fingerprint, public_key: key.publicKey, name: key.name };
}

/** MD5 with colons over the key's blob. */
function fingerprintOf(publicKey: string): string {
    const blob = publicKeyBlob(publicKey);
    if (!blob) throw unprocessable("Key invalid, key should be of the format `type key [comment]`");
    return createHash("md5").update(blob).digest("hex").match(/../g)!.join(":");
}
