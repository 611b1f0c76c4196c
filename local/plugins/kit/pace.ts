import timers from "node:timers/promises";
import type { Call } from "./resource.ts";

/** The official provider's fixed waits: before it looks at all, and between its first two looks; later ones double. */
export interface OfficialWaits {
    beforeMs: number;
    betweenMs: number;
}

export interface Pace extends OfficialWaits {
    /** What is waited between looks otherwise, and nothing before the first. */
    ownMs: number;
    /** In seconds. */
    limit: number;
}

const LONGEST_MS = 10_000;

/** What to await before each look. EVENKEEL_OFFICIAL_WAITS=1 has it last as long as with the official provider. */
export function pace({ beforeMs, betweenMs, ownMs, limit }: Pace, { cancelled }: Call): () => Promise<void> {
    const asOfficial = process.env.EVENKEEL_OFFICIAL_WAITS === "1";
    const end = Date.now() + limit * 1000;
    let next = asOfficial ? beforeMs : 0;
    let doubling = 100;
    return async () => {
        // A look at the very end is the last one.
        const ms = Math.min(next, Math.max(end - Date.now(), 0));
        if (ms > 0) await timers.setTimeout(ms, undefined, { signal: cancelled });
        doubling = Math.min(Math.max(2 * doubling, betweenMs), LONGEST_MS);
        next = asOfficial ? doubling : ownMs;
    };
}
