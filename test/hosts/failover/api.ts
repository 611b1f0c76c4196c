import { createServer } from "node:net";
import fastify from "fastify";

/** How the API answers assign requests from now on. */
export interface Mood {
    /** An error status instead of an action. */
    status?: 500 | 422 | 429;
    /** Milliseconds before any answer. */
    delay?: number;
    /** Milliseconds an action takes. */
    actionTime?: number;
    /** Whether asking for an action answers 404, as it does for brought addresses. */
    forgetsActions?: boolean;
}

export interface Request {
    at: number;
    dropletId: number;
    status: number;
}

export const token = "test-token-that-must-not-leak";

/** The reserved IP part of the DigitalOcean API, and a record of who asked for the address when. */
export async function startApi(host: string, address: string) {
    const app = fastify();
    // Whoever has the address answers there.
    const site = createServer((connection) => connection.destroy()).listen(80, address);
    const actions = new Map<number, { id: number; status: string; type: string }>();
    const api = {
        holder: undefined as number | undefined,
        mood: {} as Mood,
        assigns: [] as Request[],
        reads: 0,
        url: `http://${host}:8080`,
        close: async () => {
            site.close();
            await app.close();
        },
    };
    app.addHook("onRequest", async (request, reply) => {
        if (request.headers.authorization !== `Bearer ${token}`) {
            return reply.code(401).send({ id: "Unauthorized", message: "Unable to authenticate you" });
        }
    });
    app.get(`/v2/reserved_ips/${address}`, async () => {
        api.reads++;
        await delay(api.mood.delay);
        return {
            reserved_ip: { ip: address, droplet: api.holder === undefined ? null : { id: api.holder } },
        };
    });
    app.get<{ Params: { id: string } }>(`/v2/reserved_ips/${address}/actions/:id`, async (request, reply) => {
        await delay(api.mood.delay);
        const action = api.mood.forgetsActions ? undefined : actions.get(Number(request.params.id));
        if (action === undefined) return reply.code(404).send({ id: "not_found", message: "not found" });
        return { action };
    });
    app.post<{ Body: { type: string; droplet_id: number } }>(
        `/v2/reserved_ips/${address}/actions`,
        async (request, reply) => {
            const asked = {
                at: Date.now(),
                dropletId: request.body.droplet_id,
                status: api.mood.status ?? 201,
            };
            api.assigns.push(asked);
            await delay(api.mood.delay);
            if (asked.status === 429) reply.header("retry-after", "1");
            if (asked.status !== 201) {
                return reply
                    .code(asked.status)
                    .send({ id: "error", message: "Droplet already has a pending event." });
            }
            const action = { id: actions.size + 1, status: "in-progress", type: "assign_ip" };
            actions.set(action.id, action);
            setTimeout(() => {
                action.status = "completed";
                api.holder = asked.dropletId;
            }, api.mood.actionTime ?? 200);
            return reply.code(201).send({ action });
        },
    );
    await app.listen({ host, port: 8080 });
    return api;
}

export type Api = Awaited<ReturnType<typeof startApi>>;

const delay = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms));
