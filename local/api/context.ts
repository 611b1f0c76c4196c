import type { Machines } from "../machines/types.ts";
import type { Slice } from "../network/slices.ts";
import type { Store } from "./store.ts";

/** What all APIs of one cloud work with. */
export interface CloudContext {
    store: Store;
    machines: Machines;
    slice: Slice;
    /** The address that the APIs and the metadata listen at, and the router of the hosts. */
    gateway: string;
    log: (line: string) => void;
    /** The addresses of the slice that each API has given out. */
    taken: (() => string[])[];
    /** Work that goes on after its answer was sent. */
    background: Set<Promise<void>>;
    /** The cloud ends: what would go on for long stops. */
    ending: AbortSignal;
}

/** What one API works with, beside its own state. */
export interface ApiContext extends CloudContext {
    /** What an account may have and how often it may ask. */
    limits: Record<string, number>;
    /** How long every action takes at least, as the faults of now say. */
    actionMs: () => number;
}
