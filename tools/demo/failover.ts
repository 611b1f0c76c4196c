import { setTimeout as sleep } from "node:timers/promises";
import { headline } from "../headline.ts";
import type { CloudApi } from "./cloudApi.ts";
import { type Fetched, fetchEvery, succeeded } from "../fetching.ts";

const FETCH_EVERY_MS = 20;
const PATIENCE_MS = 60_000;
/** So many good answers in a row after the fall count as being back. */
const STEADY = 50;

/** Powers the active balancer off while the page is fetched, and tells for how long it was away. */
export async function failOver(
    api: CloudApi,
    { url, address }: { url: string; address: string },
): Promise<void> {
    const holder = await api.holderOf(address);
    const loop = fetchEvery(url, FETCH_EVERY_MS, (2 * PATIENCE_MS) / FETCH_EVERY_MS);
    const progress = headline(`power off ${holder.name}, which holds ${address}`);
    try {
        await until(
            () => endsSteady(loop.results),
            PATIENCE_MS,
            "the page was not steady before anything was done to it",
        );
        await api.power(holder, "power_off");
        const off = performance.now();
        await until(
            () => endsSteady(loop.results.filter(({ at }) => at > off)),
            PATIENCE_MS,
            `the page was not back within ${PATIENCE_MS / 1000} s`,
        );
        await loop.stop();
        const successor = await api.holderOf(address);
        progress.end(`${successor.name} holds it now`);
        console.log(`  longest time without an answer: ${Math.round(longestGap(loop.results))} ms`);
        console.log(
            `  requests lost: ${loop.results.filter((one) => !succeeded(one)).length} of ${loop.results.length}`,
        );
    } catch (error) {
        progress.end("failed");
        throw error;
    } finally {
        await loop.stop();
        await api.power(holder, "power_on");
    }
    console.log(`  ${holder.name} has power again`);
}

/** The longest time between one good answer and the next, in milliseconds. */
export function longestGap(results: Fetched[]): number {
    const times = results
        .filter(succeeded)
        .map(({ at }) => at)
        .sort((a, b) => a - b);
    return Math.max(0, ...times.slice(1).map((at, i) => at - times[i]!));
}

export function endsSteady(results: Fetched[], count = STEADY): boolean {
    return results.length >= count && results.slice(-count).every(succeeded);
}

async function until(holds: () => boolean, patienceMs: number, otherwise: string): Promise<void> {
    const deadline = performance.now() + patienceMs;
    while (!holds()) {
        if (performance.now() > deadline) throw new Error(`After ${patienceMs / 1000} s: ${otherwise}.`);
        await sleep(50);
    }
}
