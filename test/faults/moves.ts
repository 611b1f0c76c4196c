import type { Flagship } from "../support/flagship.ts";

/** How many moves of the address were asked for. */
export async function moves(site: Flagship): Promise<number> {
    const { byRoute } = (await site.api("GET", "/_local/requests")) as { byRoute: Record<string, number> };
    return Object.entries(byRoute)
        .filter(([route]) => /^POST .*reserved_ips.*actions/.test(route))
        .reduce((sum, [, count]) => sum + count, 0);
}
