import { setTimeout as sleep } from "node:timers/promises";
import type { Cloud } from "../local/clouds/clouds.ts";

export interface Droplet {
    id: number;
    name: string;
}

/** Calls of a local cloud's API with the full token, as an operator would make them from a shell. */
export interface CloudApi {
    call(method: string, path: string, body?: unknown): Promise<Record<string, unknown>>;
    holderOf(reservedIp: string): Promise<Droplet | undefined>;
    named(name: string): Promise<Droplet | undefined>;
    /** Resolves when the cloud says that it is done. */
    power(droplet: Droplet, type: "power_off" | "power_on"): Promise<void>;
}

const ACTION_PATIENCE_MS = 60_000;

/** Calls of one API with one token; an answer that is an error is thrown. */
export const caller =
    (url: string, token: string): CloudApi["call"] =>
    async (method, path, body) => {
        const response = await fetch(new URL(path, url), {
            method,
            headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
            body: body === undefined ? null : JSON.stringify(body),
            signal: AbortSignal.timeout(30_000),
        });
        const text = await response.text();
        if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
        return text ? JSON.parse(text) : {};
    };

export function cloudApi({ apiUrl, token }: Cloud): CloudApi {
    const call = caller(apiUrl, token);
    return {
        call,
        async holderOf(reservedIp) {
            const { reserved_ip: found } = (await call("GET", `/v2/reserved_ips/${reservedIp}`)) as {
                reserved_ip: { droplet: Droplet | null };
            };
            return found.droplet ?? undefined;
        },
        async named(name) {
            const { droplets } = (await call("GET", `/v2/droplets?name=${name}`)) as { droplets: Droplet[] };
            return droplets[0];
        },
        async power(droplet, type) {
            const path = `/v2/droplets/${droplet.id}/actions`;
            const asked = async (...request: [method: string, path: string, body?: unknown]) =>
                (await call(...request)).action as { id: number; status: string };
            let action = await asked("POST", path, { type });
            const deadline = Date.now() + ACTION_PATIENCE_MS;
            while (action.status === "in-progress" && Date.now() < deadline) {
                await sleep(200);
                action = await asked("GET", `${path}/${action.id}`);
            }
            if (action.status !== "completed")
                throw new Error(`${type} of ${droplet.name}: ${action.status}`);
        },
    };
}
