import type { FastifyRequest } from "fastify";
import { positive } from "../api/query.ts";

/** One page of a list in the provider's envelope: `links.pages` is there only when there is another page. */
export function page<T>(
    request: FastifyRequest,
    name: string,
    items: T[],
    view: (item: T) => unknown,
): object {
    const query = request.query as Record<string, string | undefined>;
    const perPage = Math.min(positive(query.per_page) ?? 20, 200);
    const number = positive(query.page) ?? 1;
    const last = Math.max(1, Math.ceil(items.length / perPage));
    const link = (target: number) => {
        const url = new URL(request.url, `${request.protocol}://${request.host}`);
        url.searchParams.set("page", String(target));
        return url.href;
    };
    const pages = {
        ...(number > 1 && { first: link(1), prev: link(number - 1) }),
        ...(number < last && { next: link(number + 1), last: link(last) }),
    };
    return {
        [name]: items.slice((number - 1) * perPage, number * perPage).map(view),
        links: Object.keys(pages).length > 0 ? { pages } : {},
        meta: { total: items.length },
    };
}
