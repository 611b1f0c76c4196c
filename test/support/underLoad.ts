import { expect } from "vitest";
import { fetchEvery, succeeded } from "../../tools/fetching.ts";
import type { Flagship } from "./flagship.ts";

/** Runs something while the page is fetched a hundred times a second; every answer has to be good. */
export async function underLoad<T>(site: Flagship, work: () => Promise<T>): Promise<T> {
    const load = fetchEvery(site.url, 10, 60_000);
    const result = await work().finally(() => load.stop());
    const lost = load.results.filter((one) => !succeeded(one));
    expect(load.results.length).toBeGreaterThan(100);
    const reasons = lost.map(({ status, error, servedBy }) => error ?? `${status} by ${servedBy}`);
    const told = `${lost.length} of ${load.results.length} requests failed: ${reasons.join(", ")}`;
    const journal = (host: string) =>
        site.on(
            host,
            "journalctl -q -o short-precise -u haproxy -u 'evenkeel-nginx*' -u keepalived -u pacemaker -n 20",
        );
    const journals = lost.length === 0 ? [] : await Promise.all(["lb-0", "lb-1"].map(journal));
    expect(lost, [told, ...journals].join("\n")).toEqual([]);
    return result;
}
