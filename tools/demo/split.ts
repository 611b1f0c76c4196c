import { type Fetched, fetchMany, succeeded } from "./fetching.ts";

export async function fetchSplit(url: string, count: number): Promise<void> {
    const results = await fetchMany(url, count);
    for (const line of splitLines(results)) console.log(line);
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
