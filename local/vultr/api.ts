import { createApp } from "../api/app.ts";
import { reason } from "../api/background.ts";
import type { CloudContext } from "../api/context.ts";
import { ApiError } from "../api/errors.ts";
import { hostFilters } from "../api/filters.ts";
import { type Api, bearer } from "../api/provider.ts";
import { lines } from "../machines/lines.ts";
import type { BgpAccount } from "../network/router.ts";
import { catalogRoutes } from "./catalog.ts";
import { type Context, defaultLimits, type Limits } from "./context.ts";
import { domainRoutes } from "./domains.ts";
import { errorBody, says } from "./errors.ts";
import { filteredInstances } from "./firewallRules.ts";
import { firewallRoutes } from "./firewalls.ts";
import { startBoot } from "./instanceCreate.ts";
import { instanceRoutes, startEnd } from "./instances.ts";
import { keyRoutes } from "./keys.ts";
import { instanceMetadata } from "./metadata.ts";
import { rateLimiter } from "./rateLimit.ts";
import { reservedIpRoutes } from "./reservedIps.ts";
import { scriptRoutes } from "./scripts.ts";
import type { State } from "./types.ts";
import { vpcRoutes } from "./vpcs.ts";

export interface VultrOptions {
    key: string;
    /** What the account's hosts announce addresses with. */
    bgp: BgpAccount;
    limits?: Partial<Limits>;
}

/** Vultr's API, after it has brought its hosts in line with its state on disk. */
export async function openVultr(cloud: CloudContext, options: VultrOptions): Promise<Api> {
    const state: State = cloud.store.part("vultr", emptyState);
    const context: Context = {
        ...cloud,
        state,
        bgp: options.bgp,
        limits: { ...defaultLimits, ...options.limits },
        filters: hostFilters(cloud, () => filteredInstances(context)),
        actionMs: () => 0,
        inLine: lines<string>(),
        moving: new Set(),
    };
    cloud.taken.push(() => [...state.instances, ...state.reservedIps].map(({ address }) => address));
    await reconcile(context);
    const admit = rateLimiter(context.limits);
    const app = createApp(context, {
        callerOf(authorization) {
            if (bearer(authorization) !== options.key) throw new ApiError(401, says(401));
            return "full";
        },
        // A key of this provider's may do all that its user may.
        authorize: () => {},
        admit: ({ ip }, _caller, setHeader) => admit(ip, setHeader),
        says,
        invalidInput: 400,
        errorBody,
        routes: [
            catalogRoutes,
            domainRoutes,
            firewallRoutes,
            instanceRoutes,
            keyRoutes,
            reservedIpRoutes,
            scriptRoutes,
            vpcRoutes,
        ],
    });
    return { app, metadata: instanceMetadata(context) };
}

const emptyState = (): State => ({
    instances: [],
    vpcs: [],
    keys: [],
    scripts: [],
    groups: [],
    reservedIps: [],
    domains: [],
});

/** What is on disk is what was promised; hosts may have changed, and work may have been cut short. */
async function reconcile(context: Context): Promise<void> {
    const { state, machines, store, log, filters } = context;
    for (const instance of [...state.instances]) {
        if (instance.isEnding) startEnd(context, instance);
        else if (instance.status === "pending") startBoot(context, instance, true);
        else if (machines.powerState(instance.hostId) === undefined)
            log(`instance ${instance.id} has no host`);
        if (instance.status === "resizing") instance.status = "active";
    }
    await filters.apply();
    for (const { address, instanceId } of state.reservedIps) {
        const holder = state.instances.find(({ id }) => id === instanceId);
        await machines
            .routeReservedIp(address, holder?.hostId)
            .catch((error) => log(`reserved IP ${address} could not be routed: ${reason(error)}`));
    }
    await store.save();
}
