import { setTimeout as sleep } from "node:timers/promises";
import { type Props, text } from "../kit/values.ts";

interface Settings {
    endpoint: string;
    token: string;
    retries: number;
    waitMin: number;
    waitMax: number;
}

const environment = process.env;
let settings: Settings = {
    endpoint: environment.DIGITALOCEAN_API_URL || "https://api.digitalocean.com",
    token: environment.DIGITALOCEAN_TOKEN || environment.DIGITALOCEAN_ACCESS_TOKEN || "",
    retries: Number(environment.DIGITALOCEAN_HTTP_RETRY_MAX || 4),
    waitMin: Number(environment.DIGITALOCEAN_HTTP_RETRY_WAIT_MIN || 1),
    waitMax: Number(environment.DIGITALOCEAN_HTTP_RETRY_WAIT_MAX || 30),
};

/** Takes over what the program's provider resource sets; the rest stays as the environment has it. */
export function configure(args: Props): void {
    const given = (name: string): string => (args[name] === undefined ? "" : text(args[name]));
    settings = {
        endpoint: given("apiEndpoint") || settings.endpoint,
        token: given("token") || settings.token,
        retries: Number(given("httpRetryMax") || settings.retries),
        waitMin: Number(given("httpRetryWaitMin") || settings.waitMin),
        waitMax: Number(given("httpRetryWaitMax") || settings.waitMax),
    };
}

export interface ApiError extends Error {
    status: number;
    reason: string;
}

export function hasStatus(error: unknown, ...statuses: number[]): error is ApiError {
    return error instanceof Error && "status" in error && statuses.includes(error.status as number);
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** One call, tried again as the official client does: on connection errors, 429 and 5xx but 501. */
export async function api<T = unknown>(method: Method, path: string, body?: unknown): Promise<T> {
    const url = new URL(path, settings.endpoint).href;
    for (let attempt = 1; ; attempt++) {
        const last = attempt > settings.retries;
        try {
            const response = await send(method, url, body);
            const passing = response.status === 429 || (response.status >= 500 && response.status !== 501);
            if (last || !passing)
                return await answer<T>(method, url, response, settings.retries > 0 && passing ? attempt : 0);
            await sleep(retryAfter(response) ?? backoff(attempt));
        } catch (error) {
            if (last || isApiError(error)) throw error;
            await sleep(backoff(attempt));
        }
    }
}

function isApiError(error: unknown): boolean {
    return error instanceof Error && "status" in error;
}

async function send(method: Method, url: string, body: unknown): Promise<Response> {
    const headers: Record<string, string> = {
        Authorization: `Bearer ${settings.token}`,
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

async function answer<T>(method: Method, url: string, response: Response, attempts: number): Promise<T> {
    const raw = await response.text();
    if (response.ok) return (raw === "" ? undefined : JSON.parse(raw)) as T;
    const { message, request_id } = errorBody(raw);
    const id = request_id || response.headers.get("x-request-id");
    const request = id ? ` (request ${JSON.stringify(id)})` : "";
    const attempted = attempts > 0 ? `; giving up after ${attempts} attempt(s)` : "";
    const full = `${method} ${url}: ${response.status}${request} ${message}${attempted}`;
    throw Object.assign(new Error(full), { status: response.status, reason: message });
}

function errorBody(raw: string): { message: string; request_id?: string } {
    try {
        return { message: raw, ...(JSON.parse(raw) as { message?: string; request_id?: string }) };
    } catch {
        return { message: raw };
    }
}

function backoff(attempt: number): number {
    return 1000 * Math.min(settings.waitMin * 2 ** (attempt - 1), settings.waitMax);
}

function retryAfter(response: Response): number | undefined {
    const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
    return response.status === 429 || response.status === 503
        ? Number.isNaN(seconds)
            ? undefined
            : seconds * 1000
        : undefined;
}

/** All pages of a list. */
export async function all<T>(path: string, name: string): Promise<T[]> {
    const items: T[] = [];
    for (let page = 1; ; page++) {
        type Page = Record<string, T[] | undefined> & { links?: { pages?: { next?: string } } };
        const separator = path.includes("?") ? "&" : "?";
        const answered = await api<Page>("GET", `${path}${separator}page=${page}&per_page=200`);
        items.push(...(answered[name] ?? []));
        if (!answered.links?.pages?.next) return items;
    }
}
