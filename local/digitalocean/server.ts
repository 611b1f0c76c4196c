import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyInstance } from "fastify";
import type { Machines, PowerState } from "../machines/types.ts";
import type { Slice } from "../network/slices.ts";
import { finish, inBackground, reason } from "./actions.ts";
import { createApp } from "./app.ts";
import { type Context, defaultLimits, type Limits } from "./context.ts";
import { resumeCreates } from "./dropletCreate.ts";
import { hostFilters } from "./firewallPlan.ts";
import { createMetadataApp } from "./metadata.ts";
import { openStore } from "./store.ts";

export type { Limits } from "./context.ts";

export interface ApiOptions {
    machines: Machines;
    slice: Slice;
    stateDir: string;
    /** The address that the API and the metadata listen at. */
    gateway: string;
    token: string;
    failoverToken: string;
    log: (line: string) => void;
    limits?: Partial<Limits>;
    /** @default 8080 */
    port?: number;
    /** @default 8081 */
    metadataPort?: number;
}

export interface Api {
    url: string;
    metadataUrl: string;
    close(): Promise<void>;
}

/** Serves the API of one local cloud from its state on disk, and brings its hosts in line with that state. */
export async function startApi(options: ApiOptions): Promise<Api> {
    const { machines, slice, stateDir, gateway, log } = options;
    const store = await openStore(stateDir);
    const context: Context = {
        state: store.state,
        store,
        machines,
        slice,
        gateway,
        limits: { ...defaultLimits, ...options.limits },
        log,
        filters: { apply: async () => {}, stateOf: () => "succeeded" },
        background: new Set(),
        closing: false,
        actionMs: () => 0,
    };
    context.filters = hostFilters(context);
    await reconcile(context);

    const app = createApp(context, options);
    const metadata = createMetadataApp(context);
    await app.listen({ host: gateway, port: options.port ?? 8080 });
    await metadata.listen({ host: gateway, port: options.metadataPort ?? 8081 });
    return {
        url: urlOf(app),
        metadataUrl: urlOf(metadata),
        async close() {
            context.closing = true;
            await Promise.all([app.close(), metadata.close()]);
            // What takes longer, such as a boot, is taken up again at the next start.
            await Promise.race([Promise.all(context.background), sleep(10_000, undefined, { ref: false })]);
            await store.save();
        },
    };
}

function urlOf(app: FastifyInstance): string {
    const { address, port } = app.server.address() as AddressInfo;
    return `http://${address}:${port}`;
}

/** What is on disk is what was promised; hosts may have changed, and work may have been cut short. */
async function reconcile(context: Context): Promise<void> {
    const { state, machines, store, log } = context;
    for (const action of state.actions) if (action.status === "in-progress") finish(action, "errored");
    machines.onPowerChange((id, power) => noticePower(context, id, power));
    for (const droplet of state.droplets.filter(({ status }) => status !== "new")) {
        const power = machines.powerState(droplet.id);
        if (power === undefined) log(`droplet ${droplet.id} has no host`);
        droplet.status = power === "on" ? "active" : "off";
        droplet.locked = false;
    }
    await context.filters.apply();
    for (const { address, dropletId } of state.reservedIps) {
        await machines
            .routeReservedIp(address, dropletId ?? undefined)
            .catch((error) => log(`reserved IP ${address} could not be routed: ${reason(error)}`));
    }
    resumeCreates(context);
    await store.save();
}

/** A host that went off by itself is "off"; while an action runs, the action says what it becomes. */
function noticePower(context: Context, id: number, power: PowerState): void {
    const droplet = context.state.droplets.find((candidate) => candidate.id === id);
    // An action that changes the power itself says the state that it ends in.
    const isAsked = context.state.actions.some(
        ({ dropletId, status, type }) =>
            dropletId === id && status === "in-progress" && /^(power|reboot|shutdown)/.test(type),
    );
    if (!droplet || droplet.status === "new" || isAsked) return;
    droplet.status = power === "on" ? "active" : "off";
    inBackground(context, () => context.store.save());
}
