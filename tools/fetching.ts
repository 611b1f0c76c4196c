import { get } from "node:http";

export interface Fetched {
    /** When it was asked, by performance.now(). */
    askedAt: number;
    /** When the answer was complete, by performance.now(). */
    at: number;
    /** 0 when there was no answer in time. */
    status: number;
    /** The web host that answered. */
    servedBy: string | undefined;
    /** Why there was no answer: "TimeoutError", "ECONNREFUSED". */
    error?: string | undefined;
}

/** One request over a connection of its own, as a new visitor's. Never rejects. */
export function fetchOnce(url: string, timeoutMs: number): Promise<Fetched> {
    const askedAt = performance.now();
    return new Promise((resolve) => {
        const done = (status: number, servedBy?: string, error?: string) =>
            resolve({ askedAt, at: performance.now(), status, servedBy, error });
        const failed = (error: NodeJS.ErrnoException) => done(0, undefined, errorName(error));
        const request = get(url, { agent: false, signal: AbortSignal.timeout(timeoutMs) }, (response) => {
            const servedBy = response.headers["x-served-by"];
            response.on("error", failed);
            response.on("end", () => done(response.statusCode ?? 0, servedBy?.toString()));
            response.resume();
        });
        request.on("error", failed);
    });
}

/** An aborted request's error says why in its cause. */
function errorName({ code, name, cause }: NodeJS.ErrnoException): string {
    return cause instanceof Error ? cause.name : (code ?? name);
}

export const succeeded = ({ status }: Fetched): boolean => status === 200;

const AT_ONCE = 10;

/** A number of requests, a few at a time. */
export async function fetchMany(
    url: string,
    count: number,
    seen: (results: Fetched[]) => void = () => {},
): Promise<Fetched[]> {
    const results: Fetched[] = [];
    let started = 0;
    const worker = async () => {
        while (started++ < count) {
            results.push(await fetchOnce(url, 2000));
            seen(results);
        }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    return results;
}

export interface FetchLoop {
    results: Fetched[];
    /** Stops asking, and waits for the requests under way. */
    stop(): Promise<void>;
}

/** Starts a request every few milliseconds, whatever became of those before: one that hangs hides no recovery. */
export function fetchEvery(url: string, intervalMs: number, limit = 10_000): FetchLoop {
    const results: Fetched[] = [];
    const pending = new Set<Promise<void>>();
    let count = 0;
    const timer = setInterval(() => {
        if (++count > limit) return clearInterval(timer);
        const one = fetchOnce(url, 2000).then((result) => {
            results.push(result);
            pending.delete(one);
        });
        pending.add(one);
    }, intervalMs);
    return {
        results,
        async stop() {
            clearInterval(timer);
            await Promise.all(pending);
        },
    };
}

/** The longest time between one good answer and the next, in milliseconds. */
export function longestGap(results: Fetched[]): number {
    const times = results
        .filter(succeeded)
        .map(({ at }) => at)
        .sort((a, b) => a - b);
    return longestBetween(times);
}

/** The longest step from one moment to the next; of moments in order. */
export function longestBetween(times: number[]): number {
    return Math.max(0, ...times.slice(1).map((at, i) => at - times[i]!));
}

/** Whether the last so many answers were good: that is being back. */
export function endsSteady(results: Fetched[], count = 50): boolean {
    return results.length >= count && results.slice(-count).every(succeeded);
}
