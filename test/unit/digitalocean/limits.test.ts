import { describe, expect, test } from "vitest";
import { defaultLimits } from "../../../local/digitalocean/context.ts";
import { rateLimiter } from "../../../local/digitalocean/rateLimit.ts";
import { testApi, tokens } from "../../support/digitalocean.ts";

test("droplets beyond the account's limit are refused, all or none", async () => {
    await using api = await testApi({ limits: { droplets: 2 } });
    await api.droplet();
    const settings = { region: "fra1", size: "s-1vcpu-1gb", image: "debian-12-x64" };
    const { status, body } = await api.call("POST", "/v2/droplets", { ...settings, names: ["a", "b"] });
    expect(status).toBe(422);
    expect(body.message).toBe("creating this/these droplet(s) will exceed your droplet limit");
    expect((await api.call("GET", "/v2/droplets")).body.meta.total).toBe(1);
    expect((await api.call("GET", "/v2/account")).body.account.droplet_limit).toBe(2);
});

test("reserved IPs have a limit of three", async () => {
    await using api = await testApi();
    const statuses = [];
    for (let i = 0; i < 4; i++) {
        statuses.push((await api.call("POST", "/v2/reserved_ips", { region: "fra1" })).status);
    }
    expect(statuses).toEqual([202, 202, 202, 422]);
});

test("requests beyond the burst limit get 429 and are told when to come back", async () => {
    await using api = await testApi({ limits: { requestsPerMinute: 3 } });
    for (let i = 0; i < 3; i++) expect((await api.call("GET", "/v2/regions")).status).toBe(200);
    const { status, headers, body } = await api.call("GET", "/v2/regions");
    expect(status).toBe(429);
    expect(body).toMatchObject({ id: "too_many_requests", message: "API rate limit exceeded." });
    expect(headers.get("ratelimit-remaining")).toBe("0");
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(50);
    // Another token has its own count, and the controls of the local cloud have none.
    expect((await api.call("GET", "/v2/regions", undefined, tokens.failoverToken)).status).toBe(200);
    expect((await api.call("PUT", "/_local/limits", { requestsPerMinute: 10 })).status).toBe(200);
    expect((await api.call("GET", "/v2/regions")).status).toBe(200);
});

test("every answer tells what is left of the hour", async () => {
    await using api = await testApi({ limits: { requestsPerHour: 10 } });
    await api.call("GET", "/v2/regions");
    const { headers } = await api.call("GET", "/v2/nothing");
    expect(headers.get("ratelimit-limit")).toBe("10");
    expect(headers.get("ratelimit-remaining")).toBe("8");
    const reset = Number(headers.get("ratelimit-reset")) - Date.now() / 1000;
    expect(reset).toBeGreaterThan(3590);
    expect(reset).toBeLessThan(3602);
});

describe("over time", () => {
    const start = 1_000_000_000_000;
    function limiterAt(limits: Partial<typeof defaultLimits>) {
        const clock = { now: start };
        const admit = rateLimiter({ ...defaultLimits, ...limits }, () => clock.now);
        const ask = (isKeyList = false) => {
            try {
                admit("someone", () => {}, isKeyList);
                return true;
            } catch {
                return false;
            }
        };
        return { clock, ask };
    }

    test("each request counts for an hour", () => {
        const { clock, ask } = limiterAt({ requestsPerHour: 2 });
        expect([ask(), ask(), ask()]).toEqual([true, true, false]);
        clock.now = start + 3_599_999;
        expect(ask()).toBe(false);
        clock.now = start + 3_600_000;
        expect(ask()).toBe(true);
    });

    test("a burst is over after a minute, and what was refused does not count", () => {
        const { clock, ask } = limiterAt({ requestsPerMinute: 2 });
        expect([ask(), ask(), ask(), ask()]).toEqual([true, true, false, false]);
        clock.now = start + 60_000;
        expect([ask(), ask(), ask()]).toEqual([true, true, false]);
    });

    test("keys may be listed ten times a minute", () => {
        const { clock, ask } = limiterAt({});
        expect(Array.from({ length: 11 }, () => ask(true))).toEqual([...Array(10).fill(true), false]);
        expect(ask()).toBe(true);
        clock.now = start + 60_000;
        expect(ask(true)).toBe(true);
    });
});
