import type { Machines } from "../machines/types.ts";
import type { Slice } from "../network/slices.ts";
import type { Store } from "./store.ts";
import type { State } from "./types.ts";

/** What an account may have and how often it may ask; the provider's defaults unless a test wants less. */
export interface Limits {
    droplets: number;
    reservedIps: number;
    requestsPerHour: number;
    requestsPerMinute: number;
    /** Listing SSH keys has a limit of its own. */
    keyListsPerMinute: number;
}

export const defaultLimits: Limits = {
    droplets: 25,
    reservedIps: 3,
    requestsPerHour: 5000,
    requestsPerMinute: 250,
    keyListsPerMinute: 10,
};

/** What every resource family works with. */
export interface Context {
    state: State;
    store: Store;
    machines: Machines;
    slice: Slice;
    gateway: string;
    limits: Limits;
    log: (line: string) => void;
    /** The hosts' firewalls, to be brought in line whenever droplets, tags or firewalls change. */
    filters: Filters;
    /** Work that goes on after its answer was sent. */
    background: Set<Promise<void>>;
    closing: boolean;
    /** How long every action takes at least, as the faults of now say. */
    actionMs: () => number;
}

export interface Filters {
    /** Tells each host's filter what changed for it. A host that is busy, shutting down say, is not waited for long. */
    apply(): Promise<void>;
    stateOf(dropletId: number): FilterState;
}

export type FilterState = "waiting" | "succeeded" | "failed";
