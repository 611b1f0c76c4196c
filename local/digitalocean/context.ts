import type { ApiContext } from "../api/context.ts";
import type { Filters } from "../api/filters.ts";
import type { State } from "./types.ts";

/** The provider's defaults, unless a test wants less. */
export const defaultLimits = {
    droplets: 25,
    reservedIps: 3,
    requestsPerHour: 5000,
    requestsPerMinute: 250,
    /** Listing SSH keys has a limit of its own. */
    keyListsPerMinute: 10,
};

export type Limits = typeof defaultLimits;

/** What every resource family works with. */
export interface Context extends ApiContext {
    state: State;
    limits: Limits;
    filters: Filters;
}
