import type { ApiContext } from "../api/context.ts";
import type { Filters } from "../api/filters.ts";
import type { BgpAccount } from "../network/router.ts";
import type { State } from "./types.ts";

/** How often an address may ask is what the provider says; it does not publish what an account may have. */
export const defaultLimits = {
    instances: 25,
    vpcsPerRegion: 5,
    requestsPerSecond: 30,
};

export type Limits = typeof defaultLimits;

/** What every resource family works with. */
export interface Context extends ApiContext {
    state: State;
    limits: Limits;
    bgp: BgpAccount;
    filters: Filters;
    /** Starts work on one thing when all work on it from before has ended. */
    inLine: (id: string, work: () => Promise<void>) => Promise<void>;
    /** Reserved IPs that are being attached or detached. */
    moving: Set<string>;
}

/** In whole seconds, as the provider writes it. */
export function timestamp(): string {
    return `${new Date().toISOString().slice(0, 19)}+00:00`;
}
