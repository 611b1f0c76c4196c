import { type OfficialWaits, pace } from "./pace.ts";
import type { Call } from "./resource.ts";

interface Wait {
    call: Call;
    target: string;
    pending: readonly string[];
    /** In seconds, unless the resource's customTimeouts say otherwise. */
    timeout: number;
    /** @default those for droplets and all actions */
    official?: OfficialWaits;
    /** `undefined`: there is nothing (yet). */
    state(): Promise<string | undefined>;
}

const ownMs = 250;
const ofDroplets: OfficialWaits = { beforeMs: 10_000, betweenMs: 3000 };
// A new resource may not be visible at once; one that has vanished never will be.
const patience = 120_000;

/** Polls until the target state is there; the official provider's error texts. */
export async function waitFor(wait: Wait): Promise<void> {
    const { call, target, pending, timeout, official = ofDroplets, state } = wait;
    const limit = call.timeoutSeconds || timeout;
    const end = Date.now() + limit * 1000;
    const turn = pace({ ...official, ownMs, limit }, call);
    for (let [last, seen] = ["", Date.now()]; ; ) {
        await turn();
        const current = await state();
        if (current !== undefined) seen = Date.now();
        else if (Date.now() - seen > patience) throw new Error("couldn't find resource");
        if (current === target) return;
        if (current !== undefined && !pending.includes(current))
            throw new Error(
                `unexpected state '${current}', wanted target '${target}'. last error: %!s(<nil>)`,
            );
        last = current ?? last;
        if (Date.now() >= end)
            throw new Error(
                `timeout while waiting for state to become '${target}'${lastState(last)}timeout: ${duration(limit)})`,
            );
    }
}

function lastState(last: string): string {
    return last === "" ? " (" : ` (last state: '${last}', `;
}

/** As Go writes durations: 1h0m0s. */
function duration(seconds: number): string {
    const [hours, minutes, rest] = [
        Math.floor(seconds / 3600),
        Math.floor((seconds % 3600) / 60),
        seconds % 60,
    ];
    if (hours > 0) return `${hours}h${minutes}m${rest}s`;
    return minutes > 0 ? `${minutes}m${rest}s` : `${rest}s`;
}

/** Tries again as long as `passing` says that the error will pass. */
export async function retryWhile<T>(
    call: Call,
    timeout: number,
    passing: (error: unknown) => boolean,
    attempt: () => Promise<T>,
): Promise<T> {
    const limit = call.timeoutSeconds || timeout;
    const end = Date.now() + limit * 1000;
    const turn = pace({ beforeMs: 0, betweenMs: 500, ownMs: 2 * ownMs, limit }, call);
    for (;;) {
        await turn();
        try {
            return await attempt();
        } catch (error) {
            if (!passing(error) || Date.now() >= end) throw error;
        }
    }
}
