import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test, vi } from "vitest";
import type { CloudApi, Droplet } from "../../../tools/cloudApi.ts";
import { failOver } from "../../../tools/demo/failover.ts";

const AWAY_MS = 300;

test("the failover step measures how long the page was away, and gives the host its power back", async () => {
    const server = createServer((_, response) => response.end("page")).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;

    const done: string[] = [];
    let holder: Droplet = { id: 1, name: "lb-0" };
    const api: Pick<CloudApi, "holderOf" | "power"> = {
        holderOf: async () => holder,
        power: async ({ name }, type) => {
            done.push(`${type} ${name}`);
            if (type === "power_on") return;
            server.close();
            server.closeAllConnections();
            holder = { id: 2, name: "lb-1" };
            setTimeout(() => server.listen(port, "127.0.0.1"), AWAY_MS);
        },
    };
    const said = vi.spyOn(console, "log").mockImplementation(() => {});
    try {
        await failOver(api, { url: `http://127.0.0.1:${port}/`, address: "203.0.113.34" }, 5);
    } finally {
        server.close();
        server.closeAllConnections();
    }
    const report = said.mock.calls.join("\n");
    const gap = Number(/without an answer: (\d+) ms/.exec(report)?.[1]);
    expect(gap).toBeGreaterThanOrEqual(AWAY_MS);
    expect(gap).toBeLessThan(AWAY_MS + 1000);
    expect(Number(/requests lost: (\d+) of \d+/.exec(report)?.[1])).toBeGreaterThan(0);
    expect(done).toEqual(["power_off lb-0", "power_on lb-0"]);
}, 20_000);
