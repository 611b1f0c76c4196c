import { setTimeout as sleep } from "node:timers/promises";
import type { Cloud } from "../../local/clouds/clouds.ts";

export interface Droplet {
    id: number;
    name: string;
}

/** The few calls that the demo makes itself, as an operator would from a shell. */
export interface CloudApi {
    holderOf(reservedIp: string): Promise<Droplet>;
    /** Resolves when the cloud says that it is done. */
    power(droplet: Droplet, type: "power_off" | "power_on"): Promise<void>;
}

const ACTION_PATIENCE_MS = 60_000;

export function cloudApi({ apiUrl, token }: Cloud): CloudApi {
    const call = async (method: string, path: string, body?: unknown) => {
        const response = await fetch(new URL(path, apiUrl), {
            method,
            headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
            body: body === undefined ? null : JSON.stringify(body),
            signal: AbortSignal.timeout(10_000),
        });
        if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
        return response.json() as Promise<Record<string, never>>;
    };
    return {
        async holderOf(reservedIp) {
            const { reserved_ip: found } = (await call("GET", `/v2/reserved_ips/${reservedIp}`)) as {
                reserved_ip?: { droplet?: Droplet };
            };
            if (!found?.droplet) throw new Error(`No host holds the reserved IP ${reservedIp}.`);
            return found.droplet;
        },
        async power(droplet, type) {
            const path = `/v2/droplets/${droplet.id}/actions`;
            let { action } = (await call("POST", path, { type })) as {
                action?: { id: number; status: string };
            };
            const deadline = Date.now() + ACTION_PATIENCE_MS;
            while (action?.status === "in-progress" && Date.now() < deadline) {
                await sleep(200);
                ({ action } = await call("GET", `${path}/${action.id}`));
            }
            if (action?.status !== "completed")
                throw new Error(`${type} of ${droplet.name}: ${action?.status ?? "no action"}`);
        },
    };
}
