import { type HttpSettings, isUnreachable, type Method, request } from "../kit/http.ts";
import { goQuote } from "../kit/names.ts";
import { type Props, text } from "../kit/values.ts";

const own: HttpSettings = {
    // The official provider knows no other address than the cloud's own; only stand-ins look at VULTR_API_URL.
    endpoint: process.env.VULTR_API_URL || "https://api.vultr.com",
    token: process.env.VULTR_API_KEY || "",
    retries: 3,
    ...waits(500),
};
let settings = own;

/** Takes over what the program's provider resource sets; the rest stays as the environment has it. */
export function configure(args: Props): void {
    const given = (name: string): string => (args[name] === undefined ? "" : text(args[name]));
    settings = {
        ...own,
        endpoint: given("apiEndpoint") || own.endpoint,
        token: given("apiKey") || own.token,
        retries: Number(given("retryLimit")) || own.retries,
        ...(Number(given("rateLimit")) ? waits(Number(given("rateLimit"))) : {}),
    };
}

/** What the provider calls a rate limit is what its client waits before it tries again. */
function waits(rateLimitMs: number): Pick<HttpSettings, "waitMinMs" | "waitMaxMs"> {
    return { waitMinMs: (rateLimitMs * 2) / 3, waitMaxMs: rateLimitMs };
}

/** One call; what it answers, or an error in the official client's words: the answer's text as it came. */
export async function api<T = unknown>(method: Method, path: string, body?: unknown): Promise<T> {
    const answer = request(settings, method, path, body).catch((error) => {
        if (!isUnreachable(error)) throw error;
        throw new Error(`gave up after ${error.attempts} attempts, last error : ${error.message}`);
    });
    const { status, raw, gaveUpAfter } = await answer;
    if (gaveUpAfter > 0)
        throw new Error(`gave up after ${gaveUpAfter} attempts, last error: ${goQuote(raw.trim())}`);
    if (status < 200 || status > 204) throw new Error(raw);
    return (raw === "" ? undefined : JSON.parse(raw)) as T;
}

/** `undefined` for what is gone, which the official provider tells by a part of the answer's text. */
export async function unlessGone<T>(text: string, found: Promise<T>): Promise<T | undefined> {
    return found.catch((error: Error) => {
        if (error.message.includes(text)) return undefined;
        throw error;
    });
}

/** All pages of a list. */
export async function all<T>(path: string, name: string): Promise<T[]> {
    type Page = Record<string, T[] | undefined> & { meta?: { links?: { next?: string } } };
    const items: T[] = [];
    for (let cursor = ""; ; ) {
        const query = cursor === "" ? "" : `?cursor=${encodeURIComponent(cursor)}`;
        const page = await api<Page>("GET", `${path}${query}`);
        items.push(...(page[name] ?? []));
        cursor = page.meta?.links?.next ?? "";
        if (cursor === "") return items;
    }
}
