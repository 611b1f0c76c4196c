import { channel } from "node:diagnostics_channel";
import { setTimeout as sleep } from "node:timers/promises";

/** The channel on which every look of a wait tells since when it waits. */
export const WAITED = "evenkeel:waited";
export interface Waited {
    from: number;
}

/** Waits until something holds; what does not hold in time is an error that says so. A question to a host costs a tenth of a second. */
export async function within(
    seconds: number,
    what: string,
    holds: () => boolean | Promise<boolean>,
    everyMs = 200,
): Promise<void> {
    const from = Date.now();
    const deadline = performance.now() + seconds * 1000;
    while (!(await holds())) {
        channel(WAITED).publish({ from } satisfies Waited);
        if (performance.now() > deadline) throw new Error(`waited ${seconds} s for ${what}`);
        await sleep(everyMs);
    }
}

/** Whether an attempt ends well; for conditions that are awaited. */
export const succeeds = (attempt: Promise<unknown>): Promise<boolean> =>
    attempt.then(
        () => true,
        () => false,
    );
