import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { splitLines } from "../../../tools/demo/split.ts";
import {
    endsSteady,
    type Fetched,
    fetchEvery,
    fetchMany,
    fetchOnce,
    longestGap,
} from "../../../tools/fetching.ts";

const good = (at: number, servedBy = "web-0"): Fetched => ({ askedAt: at, at, status: 200, servedBy });
const bad = (at: number): Fetched => ({ askedAt: at, at, status: 0, servedBy: undefined });

describe("the gap", () => {
    test("is the longest time between two good answers, however the rest came in", () => {
        expect(longestGap([good(0), good(20), bad(300), bad(500), good(720), good(40), good(740)])).toBe(680);
    });
    test("is none without two answers", () => {
        expect(longestGap([])).toBe(0);
        expect(longestGap([good(5), bad(9)])).toBe(0);
    });
});

test("a page is steady when the latest answers are all good, and enough of them", () => {
    expect(endsSteady([bad(1), good(2), good(3)], 2)).toBe(true);
    expect(endsSteady([good(1), bad(2), good(3)], 2)).toBe(false);
    expect(endsSteady([good(1)], 2)).toBe(false);
});

test("the split names each host, in order, and what failed", () => {
    const results = [good(1, "web-1"), good(2, "web-0"), good(3, "web-1"), bad(4)];
    expect(splitLines(results)).toEqual(["  web-0: 1", "  web-1: 2", "  failed: 1"]);
});

describe("fetching", () => {
    let connections = 0;
    const server = createServer((request, response) => {
        if (request.url === "/hangs") return;
        response.setHeader("X-Served-By", `web-${connections % 2}`);
        response.end("page");
    }).on("connection", () => connections++);
    const url = (path: string) => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;

    beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
    afterAll(() => server.closeAllConnections());

    test("opens a connection for every request", async () => {
        connections = 0;
        const results = await fetchMany(url("/"), 20);
        expect(results.filter(({ status }) => status === 200)).toHaveLength(20);
        expect(connections).toBe(20);
        expect(results[0]?.servedBy).toMatch(/^web-[01]$/);
    });

    test("gives up on a request that hangs", async () => {
        expect(await fetchOnce(url("/hangs"), 50)).toMatchObject({ status: 0 });
    });

    test("goes on asking until its limit", async () => {
        const loop = fetchEvery(url("/"), 1, 10);
        await expect.poll(() => loop.results.length).toBe(10);
        await loop.stop();
        expect(loop.results).toHaveLength(10);
    });
});
