import { setTimeout as sleep } from "node:timers/promises";
import { headline } from "../../local/progress.ts";
import { type Fetched, fetchMany, fetchOnce, succeeded } from "../fetching.ts";

const PATIENCE_MS = 30_000;

/** Fetches the page a number of times, and tells which host served how many. */
export async function fetchSplit(url: string, count: number): Promise<void> {
    await untilServed(url);
    const progress = headline("fetching");
    const results = await fetchMany(url, count, ({ length }) => progress.detail(`${length} of ${count}`));
    progress.end(`${count} requests`);
    for (const line of splitLines(results)) console.log(line);
}

async function untilServed(url: string): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
        const answer = await fetchOnce(url, 2000);
        if (succeeded(answer)) return;
        if (performance.now() > deadline) {
            const last = answer.status === 0 ? "no answer" : `status ${answer.status}`;
            throw new Error(
                `${url} is deployed, but does not serve the page (${last}). Everything stays up for a look: npm run local -- status`,
            );
        }
        await sleep(200);
    }
}

/** How many answers each host gave, the names in order, and how many requests had none. */
export function splitLines(results: Fetched[]): string[] {
    const counts = new Map<string, number>();
    for (const { servedBy } of results.filter(succeeded)) {
        const host = servedBy ?? "(no X-Served-By)";
        counts.set(host, (counts.get(host) ?? 0) + 1);
    }
    const lines = [...counts]
        .sort(([a], [b]) => a.localeCompare(b))
        .map(([host, count]) => `  ${host}: ${count}`);
    const failed = results.length - results.filter(succeeded).length;
    return [...lines, `  failed: ${failed}`];
}
