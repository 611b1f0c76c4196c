import { headline } from "../../local/progress.ts";
import type { CloudApi, Droplet } from "../cloudApi.ts";
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
    await pullPlug(api, holder, `, which holds ${address}`, url, everyMs);
    const successor = await api.holderOf(address);
    console.log(`  ${successor?.name ?? "nobody"} holds ${address} now`);
}

/** Powers a host off while a page is fetched, and tells for how long the page was away; then gives it power again. */
export async function pullPlug(
    api: Pick<CloudApi, "power">,
    host: Droplet,
    role: string,
    url: string,
    everyMs: number,
): Promise<void> {
    const loop = fetchEvery(url, everyMs, (2 * PATIENCE_SECONDS * 1000) / everyMs);
    const progress = headline(`power off ${host.name}${role}`);
    try {
        await within(PATIENCE_SECONDS, "the page to be steady before anything is done to it", () =>
            endsSteady(loop.results),
        );
        await api.power(host, "power_off");
        const off = performance.now();
        await within(PATIENCE_SECONDS, "the page to be back", () =>
            endsSteady(loop.results.filter(({ at }) => at > off)),
        );
        await loop.stop();
        progress.end("and the page is back");
        console.log(`  longest time without an answer: ${Math.round(longestGap(loop.results))} ms`);
        console.log(
            `  requests lost: ${loop.results.filter((one) => !succeeded(one)).length} of ${loop.results.length}`,
        );
    } catch (error) {
        progress.end("failed");
        throw error;
    } finally {
        await loop.stop();
        await api.power(host, "power_on");
    }
    console.log(`  ${host.name} has power again`);
}
