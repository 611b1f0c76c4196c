import { headline } from "../../local/progress.ts";
import type { CloudApi } from "../cloudApi.ts";
import { endsSteady, fetchEvery, longestGap, succeeded } from "../fetching.ts";
import { within } from "../waiting.ts";

const PATIENCE_SECONDS = 60;

/** Powers the active balancer off while the page is fetched, and tells for how long it was away. */
export async function failOver(
    api: Pick<CloudApi, "holderOf" | "power">,
    { url, address }: { url: string; address: string },
    everyMs = 20,
): Promise<void> {
    const holder = await api.holderOf(address);
    if (!holder) throw new Error(`No host holds the reserved IP ${address}.`);
    const loop = fetchEvery(url, everyMs, (2 * PATIENCE_SECONDS * 1000) / everyMs);
    const progress = headline(`power off ${holder.name}, which holds ${address}`);
    try {
        await within(PATIENCE_SECONDS, "the page to be steady before anything is done to it", () =>
            endsSteady(loop.results),
        );
        await api.power(holder, "power_off");
        const off = performance.now();
        await within(PATIENCE_SECONDS, "the page to be back", () =>
            endsSteady(loop.results.filter(({ at }) => at > off)),
        );
        await loop.stop();
        const successor = await api.holderOf(address);
        progress.end(successor ? `${successor.name} holds it now` : "nobody holds it now");
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
