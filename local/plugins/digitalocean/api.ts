import { type HttpSettings, type Method, request } from "../kit/http.ts";
import { type Props, text } from "../kit/values.ts";

const environment = process.env;
const seconds = 1000;
const own: HttpSettings = {
    endpoint: environment.DIGITALOCEAN_API_URL || "https://api.digitalocean.com",
    token: environment.DIGITALOCEAN_TOKEN || environment.DIGITALOCEAN_ACCESS_TOKEN || "",
    retries: Number(environment.DIGITALOCEAN_HTTP_RETRY_MAX || 4),
    waitMinMs: Number(environment.DIGITALOCEAN_HTTP_RETRY_WAIT_MIN || 1) * seconds,
    waitMaxMs: Number(environment.DIGITALOCEAN_HTTP_RETRY_WAIT_MAX || 30) * seconds,
};
let settings = own;

/** Takes over what the program's provider resource sets; the rest stays as the environment has it. */
export function configure(args: Props): void {
    const given = (name: string): string => (args[name] === undefined ? "" : text(args[name]));
    const milliseconds = (name: string, kept: number): number =>
        given(name) === "" ? kept : Number(given(name)) * seconds;
    settings = {
        endpoint: given("apiEndpoint") || own.endpoint,
        token: given("token") || own.token,
        retries: Number(given("httpRetryMax") || own.retries),
        waitMinMs: milliseconds("httpRetryWaitMin", own.waitMinMs),
        waitMaxMs: milliseconds("httpRetryWaitMax", own.waitMaxMs),
    };
}

export interface ApiError extends Error {
    status: number;
    reason: string;
}

export function hasStatus(error: unknown, ...statuses: number[]): error is ApiError {
    return error instanceof Error && "status" in error && statuses.includes(error.status as number);
}

/** `undefined` for what is gone. */
export async function unlessGone<T>(found: Promise<T>): Promise<T | undefined> {
    return found.catch((error) => {
        if (hasStatus(error, 404)) return undefined;
        throw error;
    });
}

/** One call; what it answers, or an error in the official client's words. */
export async function api<T = unknown>(method: Method, path: string, body?: unknown): Promise<T> {
    const { url, status, headers, raw, gaveUpAfter } = await request(settings, method, path, body);
    if (status >= 200 && status < 300) return (raw === "" ? undefined : JSON.parse(raw)) as T;
    const { message, request_id } = errorBody(raw);
    const id = request_id || headers.get("x-request-id");
    const named = id ? ` (request ${JSON.stringify(id)})` : "";
    const attempted =
        settings.retries > 0 && gaveUpAfter > 0 ? `; giving up after ${gaveUpAfter} attempt(s)` : "";
    const full = `${method} ${url}: ${status}${named} ${message}${attempted}`;
    throw Object.assign(new Error(full), { status, reason: message });
}

function errorBody(raw: string): { message: string; request_id?: string } {
    try {
        return { message: raw, ...(JSON.parse(raw) as { message?: string; request_id?: string }) };
    } catch {
        return { message: raw };
    }
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
