import { setTimeout as sleep } from "node:timers/promises";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface HttpSettings {
    endpoint: string;
    token: string;
    /** How often a call is tried again. */
    retries: number;
    waitMinMs: number;
    waitMaxMs: number;
}

export interface Answer {
    url: string;
    status: number;
    headers: Headers;
    raw: string;
    /** How many attempts were made, if the last one failed too in a way that may pass; else 0. */
    gaveUpAfter: number;
}

/** The API could not be asked at all. */
export interface Unreachable extends Error {
    attempts: number;
}

export function isUnreachable(error: unknown): error is Unreachable {
    return error instanceof Error && "attempts" in error;
}

/** One call, tried again as the official Go clients do: on connection errors, 429 and 5xx but 501. */
export async function request(
    settings: HttpSettings,
    method: Method,
    path: string,
    body?: unknown,
): Promise<Answer> {
    const url = new URL(path, settings.endpoint).href;
    for (let attempt = 1; ; attempt++) {
        const last = attempt > settings.retries;
        try {
            const response = await send(settings.token, method, url, body);
            const { status, headers } = response;
            const passing = status === 429 || (status >= 500 && status !== 501);
            if (last || !passing) {
                const gaveUpAfter = passing ? attempt : 0;
                return { url, status, headers, raw: await response.text(), gaveUpAfter };
            }
            await sleep(retryAfter(response) ?? backoff(settings, attempt));
        } catch (error) {
            if (last) throw Object.assign(error as Error, { attempts: attempt });
            await sleep(backoff(settings, attempt));
        }
    }
}

async function send(token: string, method: Method, url: string, body: unknown): Promise<Response> {
    const headers: Record<string, string> = {
        Authorization: `Bearer ${token}`,
        Accept: "application/json",
    };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    try {
        return await fetch(url, { method, headers, body: body === undefined ? null : JSON.stringify(body) });
    } catch (error) {
        // fetch says only "fetch failed"; what went wrong is the cause.
        const cause = (error as Error).cause ?? error;
        const verb = method[0] + method.slice(1).toLowerCase();
        throw new Error(`${verb} ${JSON.stringify(url)}: ${(cause as Error).message || String(cause)}`);
    }
}

function backoff({ waitMinMs, waitMaxMs }: HttpSettings, attempt: number): number {
    return Math.min(waitMinMs * 2 ** (attempt - 1), waitMaxMs);
}

function retryAfter({ status, headers }: Response): number | undefined {
    const seconds = Number(headers.get("retry-after") ?? Number.NaN);
    return (status === 429 || status === 503) && !Number.isNaN(seconds) ? seconds * 1000 : undefined;
}

/** Puts the official provider's words before an API error. */
export async function explained<T>(words: string, work: Promise<T>): Promise<T> {
    return work.catch((error: Error) => {
        throw Object.assign(error, { message: `${words}: ${error.message}` });
    });
}

/** Leaves out what Go's omitempty leaves out. */
export function present(body: Record<string, unknown>): Record<string, unknown> {
    const kept = Object.entries(body).filter(([, value]) => {
        if (value === undefined || value === null || value === "" || value === 0) return false;
        return !Array.isArray(value) || value.length > 0;
    });
    return Object.fromEntries(kept);
}
