import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import * as digitalocean from "../../local/plugins/digitalocean/api.ts";
import type { Props } from "../../local/plugins/kit/values.ts";
import * as vultr from "../../local/plugins/vultr/api.ts";

export type Cloud = "digitalocean" | "vultr";

/** How a plugin is pointed to a server that answers for its cloud. */
const pointing: Record<Cloud, (endpoint: string) => void> = {
    digitalocean: (apiEndpoint) => digitalocean.configure({ apiEndpoint, token: "t", httpRetryMax: 0 }),
    vultr: (apiEndpoint) => vultr.configure({ apiEndpoint, apiKey: "t", retryLimit: 1, rateLimit: 1 }),
};

export interface Exchange {
    method: string;
    path: string;
    request: unknown;
    status: number;
    response: unknown;
}

export interface Replay extends AsyncDisposable {
    /** What was asked, in order, as method and path. */
    asked: string[];
    /** Bodies by method and path, in order. */
    bodies: Record<string, unknown[]>;
}

/** Answers as the server of the recording answered in one of its phases; the cloud's plugin is pointed to it. */
export async function replay(phase: string, cloud: Cloud = "digitalocean"): Promise<Replay> {
    const exchanges = phaseOf(phase, cloud);
    const used = new Set<Exchange>();
    const asked: string[] = [];
    const bodies: Record<string, unknown[]> = {};
    const server = createServer(async (request, response) => {
        let raw = "";
        for await (const chunk of request) raw += chunk;
        const body: unknown = raw === "" ? null : JSON.parse(raw);
        const key = `${request.method} ${request.url}`;
        asked.push(key);
        bodies[key] = [...(bodies[key] ?? []), body];
        const fitting = exchanges.filter(({ method, path }) => `${method} ${path}` === key);
        const wanted = fitting.filter((exchange) => nameOf(exchange.request) === nameOf(body));
        // A client may poll more often than the recorded one.
        const exchange = wanted.find((candidate) => !used.has(candidate)) ?? wanted.at(-1);
        if (exchange) used.add(exchange);
        response.writeHead(exchange?.status ?? 599, { "content-type": "application/json" });
        response.end(exchange?.response ? JSON.stringify(exchange.response) : "");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    pointing[cloud](`http://127.0.0.1:${port}`);
    return {
        asked,
        bodies,
        async [Symbol.asyncDispose]() {
            server.closeAllConnections();
            await new Promise<void>((resolve) => server.close(() => resolve()));
        },
    };
}

/** What tells one new resource from another of its kind. */
export function nameOf(body: unknown): unknown {
    const { name, label, port } = (body ?? {}) as Props;
    return name ?? label ?? port;
}

/** The calls of one phase: "" for the first `up`, else the beginning of its mark. */
export function phaseOf(phase: string, cloud: Cloud = "digitalocean"): Exchange[] {
    const lines = readFileSync(`test/recorded/requests-${cloud}.jsonl`, "utf8").trim().split("\n");
    let current = "";
    return lines.flatMap((line) => {
        const entry = JSON.parse(line) as Exchange & { mark?: string };
        if (entry.mark !== undefined) current = entry.mark;
        const within = phase === "" ? current === "" : current.startsWith(phase);
        return within && entry.mark === undefined ? [entry] : [];
    });
}

/** Calls without the repetitions that polling makes. */
export function calls(exchanges: { method: string; path: string }[]): string[] {
    return distinct(exchanges.map(({ method, path }) => `${method} ${path}`));
}

export function distinct(asked: string[]): string[] {
    return asked.filter((call, i) => call !== asked[i - 1]);
}
