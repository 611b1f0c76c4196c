import type { FastifyRequest } from "fastify";
import { positive } from "../api/query.ts";

/** One page of a list with the provider's `meta`: a cursor names where the page begins, and an empty one none. */
export function page<T>(
    request: FastifyRequest,
    name: string,
    items: T[],
    view: (item: T) => unknown,
): object {
    const query = request.query as Record<string, string | undefined>;
    const perPage = Math.min(positive(query.per_page) ?? 100, 500);
    const start = query.cursor ? beginning(query.cursor) : 0;
    const cursor = (at: number, way: "next" | "prev") =>
        Buffer.from(`${way}__${Math.max(0, at)}`).toString("base64");
    return {
        [name]: items.slice(start, start + perPage).map(view),
        meta: {
            total: items.length,
            links: {
                next: start + perPage < items.length ? cursor(start + perPage, "next") : "",
                prev: start > 0 ? cursor(start - perPage, "prev") : "",
            },
        },
    };
}

/** A cursor that is none begins at the beginning. */
function beginning(cursor: string): number {
    const text = Buffer.from(cursor, "base64").toString();
    return Number(/^(?:next|prev)__(\d{1,9})$/.exec(text)?.[1] ?? 0);
}
