import { randomUUID } from "node:crypto";
import type { State } from "./types.ts";

export function emptyState(): State {
    const now = timestamp();
    return {
        ownerId: randomUUID(),
        droplets: [],
        vpcs: [],
        keys: [],
        tags: [],
        firewalls: [],
        reservedIps: [],
        actions: [],
        projects: [
            {
                id: randomUUID(),
                name: "local",
                description: "",
                purpose: "Just trying out DigitalOcean",
                environment: "",
                isDefault: true,
                createdAt: now,
                updatedAt: now,
            },
        ],
        projectOf: {},
        domains: [],
    };
}

/** RFC 3339 in whole seconds, as the provider writes it. */
export function timestamp(): string {
    return `${new Date().toISOString().slice(0, 19)}Z`;
}
