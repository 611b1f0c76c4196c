import { createApp } from "../api/app.ts";
import { inBackground, reason } from "../api/background.ts";
import type { CloudContext } from "../api/context.ts";
import { hostFilters } from "../api/filters.ts";
import type { Api } from "../api/provider.ts";
import type { PowerState } from "../machines/types.ts";
import { actionRoutes, finish, occupyDroplets } from "./actions.ts";
import { authorize, callerOf, type Tokens } from "./auth.ts";
import { catalogRoutes } from "./catalog.ts";
import { type Context, defaultLimits, type Limits } from "./context.ts";
import { domainRoutes } from "./domains.ts";
import { resumeCreates } from "./dropletCreate.ts";
import { dropletRoutes } from "./droplets.ts";
import { errorBody, says } from "./errors.ts";
import { filteredDroplets } from "./firewallPlan.ts";
import { firewallRoutes } from "./firewalls.ts";
import { keyRoutes } from "./keys.ts";
import { dropletMetadata } from "./metadata.ts";
import { projectRoutes } from "./projects.ts";
import { rateLimiter } from "./rateLimit.ts";
import { reservedIpRoutes } from "./reservedIps.ts";
import { emptyState } from "./state.ts";
import { tagRoutes } from "./tags.ts";
import type { State } from "./types.ts";
import { vpcRoutes } from "./vpcs.ts";

export interface DigitalOceanOptions extends Tokens {
    limits?: Partial<Limits>;
}

/** DigitalOcean's API, after it has brought its hosts in line with its state on disk. */
export async function openDigitalOcean(cloud: CloudContext, options: DigitalOceanOptions): Promise<Api> {
    const state: State = cloud.store.part("digitalocean", emptyState);
    const context: Context = {
        ...cloud,
        state,
        limits: { ...defaultLimits, ...options.limits },
        filters: hostFilters(cloud, () => filteredDroplets(context)),
        actionMs: () => 0,
    };
    cloud.taken.push(() => [
        ...state.droplets.map(({ publicAddress }) => publicAddress),
        ...state.reservedIps.map(({ address }) => address),
    ]);
    await reconcile(context);
    const admit = rateLimiter(context.limits);
    const app = createApp(context, {
        callerOf: (authorization) => callerOf(authorization, options),
        authorize,
        admit(request, caller, setHeader) {
            const isKeyList = request.method === "GET" && request.url.split("?")[0] === "/v2/account/keys";
            admit(caller, setHeader, isKeyList);
        },
        says,
        invalidInput: 422,
        errorBody,
        occupy: occupyDroplets,
        routes: [
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
        ],
    });
    return { app, metadata: dropletMetadata(context) };
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
