import { describe, expect, test } from "vitest";
import { succeeded as answered, fetchMany, fetchOnce } from "../../../tools/fetching.ts";
import { succeeded } from "../../support/flagship.ts";
import { sharedFlagship } from "../../support/shared.ts";

const HOSTS = ["lb-0", "lb-1", "web-0", "web-1"];

const site = await sharedFlagship();

/** How many SSH sessions each host has seen since it was born. */
async function logins(): Promise<Record<string, number>> {
    const count = async (host: string) =>
        Number(
            await site.on(
                host,
                "journalctl -q -o cat -t sshd | grep -c '^Accepted publickey for root ' || true",
            ),
        );
    return Object.fromEntries(await Promise.all(HOSTS.map(async (host) => [host, await count(host)])));
}

describe("serving", () => {
    test("a thousand requests are split evenly", async () => {
        const results = await fetchMany(site.url, 1000);
        const share = results.filter(({ servedBy }) => servedBy === "web-0").length;
        expect(results.filter((one) => !answered(one))).toEqual([]);
        expect(share).toBeGreaterThanOrEqual(450);
        expect(share).toBeLessThanOrEqual(550);
    });

    test("the pinned path is always answered by its host, and by the other while that one is down", async () => {
        const admin = `${site.url}wp-admin/`;
        const servers = async () => new Set((await fetchMany(admin, 200)).map(({ servedBy }) => servedBy));
        expect(await servers()).toEqual(new Set(["web-0"]));
        await site.on("web-0", "systemctl stop nginx");
        try {
            await expect
                .poll(async () => (await fetchOnce(admin, 3000)).servedBy, { timeout: 10_000 })
                .toBe("web-1");
        } finally {
            await site.on("web-0", "systemctl start nginx");
        }
        await expect
            .poll(async () => (await fetchOnce(admin, 3000)).servedBy, { timeout: 10_000 })
            .toBe("web-0");
    });

    test("the administration socket tells the state of the backends", async () => {
        const command =
            "echo show stat | nc -U /run/haproxy/admin.sock | grep '^lb-http-80,web-' | cut -d, -f2,18";
        await expect.poll(() => site.on("lb-0", command), { timeout: 10_000 }).toBe("web-0,UP\nweb-1,UP");
    });
});

describe("nothing to do", () => {
    test("a second up changes nothing and opens no SSH connection", async () => {
        const before = await logins();
        expect(succeeded(await site.stack.up("--expect-no-changes"))).toContain("41 unchanged");
        expect(await logins()).toEqual(before);
    });

    test("refresh, then up: nothing changes, and still nobody logs in", async () => {
        const before = await logins();
        succeeded(await site.stack.refresh("--expect-no-changes"));
        succeeded(await site.stack.up("--expect-no-changes"));
        expect(await logins()).toEqual(before);
    });
});
