import { afterAll, describe, expect, test } from "vitest";
import { defaultLimits } from "../../../local/vultr/context.ts";
import { rateLimiter } from "../../../local/vultr/rateLimit.ts";
import { tokens } from "../../support/localApis.ts";
import { testVultr, vultrKey } from "../../support/vultr.ts";

const nobody = "00000000-0000-4000-8000-000000000000";

describe("what is not there", async () => {
    const api = await testVultr();
    afterAll(() => api[Symbol.asyncDispose]());
    /** The official provider takes a resource for gone by these words alone. */
    test.each([
        ["GET", `/v2/instances/${nobody}`, "invalid instance ID"],
        ["DELETE", `/v2/instances/${nobody}`, "invalid instance ID"],
        ["POST", `/v2/instances/${nobody}/halt`, "invalid instance ID"],
        ["GET", `/v2/instances/${nobody}/vpcs`, "invalid instance ID"],
        ["GET", `/v2/vpcs/${nobody}`, "Invalid VPC ID"],
        ["DELETE", `/v2/vpcs/${nobody}`, "Invalid VPC ID"],
        ["GET", `/v2/reserved-ips/${nobody}`, "Invalid reserved-ip ID"],
        ["POST", `/v2/reserved-ips/${nobody}/detach`, "Invalid reserved-ip ID"],
        ["GET", `/v2/firewalls/${nobody}`, "Invalid firewall group ID"],
        ["GET", `/v2/ssh-keys/${nobody}`, "Invalid ssh key"],
        ["GET", `/v2/startup-scripts/${nobody}`, "Invalid startup script ID"],
        ["GET", "/v2/domains/example.org", "Invalid domain"],
        ["GET", "/v2/nothing", "Not found"],
    ])("%s %s: %s", async (method, path, error) => {
        const authorization = `Bearer ${vultrKey}`;
        const answer = await fetch(`${api.url}${path}`, { method, headers: { authorization } });
        expect(answer.status).toBe(404);
        // Exactly: no space after the colon, and no charset, for clients look for these.
        expect(await answer.text()).toBe(`{"error":"${error}","status":404}`);
        expect(answer.headers.get("content-type")).toBe("application/json");
    });

    test("nor a rule of a group that is", async () => {
        const { id } = (await api.call("POST", "/v2/firewalls", { description: "a" })).body.firewall_group;
        const { body } = await api.call("GET", `/v2/firewalls/${id}/rules/7`);
        expect(body).toEqual({ error: "Firewall rule ID not found", status: 404 });
    });
});

test("an account says with what its hosts announce addresses", async () => {
    await using api = await testVultr();
    const { body } = await api.call("GET", "/v2/account/bgp");
    expect(body).toEqual({ enabled: true, asn: 4_288_000_001, password: "a-password-of-bgp" });
});

test("a path that the local cloud lacks is logged loudly", async () => {
    await using api = await testVultr();
    await api.call("POST", "/v2/kubernetes/clusters", {});
    expect(api.log).toEqual(["NOT IN THE LOCAL CLOUD: POST /v2/kubernetes/clusters"]);
});

test.each([
    ["a wrong key", "Bearer wrong"],
    ["DigitalOcean's token", `Bearer ${tokens.token}`],
    ["no key", ""],
    ["another scheme", `Basic ${vultrKey}`],
])("%s is refused, also on paths that are not there", async (_label, authorization) => {
    await using api = await testVultr();
    for (const path of ["/v2/account", "/v2/nothing", "/_local/faults"]) {
        const answer = await fetch(`${api.url}${path}`, { headers: { authorization } });
        expect(answer.status).toBe(401);
        expect(await answer.json()).toEqual({ error: "Invalid API token.", status: 401 });
    }
    expect(api.log).toEqual([]);
});

test("a body that is no JSON, or lacks what it needs, is a bad request", async () => {
    await using api = await testVultr();
    const headers = { authorization: `Bearer ${vultrKey}`, "content-type": "application/json" };
    const broken = await fetch(`${api.url}/v2/vpcs`, { method: "POST", headers, body: "{" });
    expect([broken.status, await broken.json()]).toEqual([400, { error: "Invalid JSON", status: 400 }]);
    const { status, body } = await api.call("POST", "/v2/vpcs", {});
    expect([status, body]).toEqual([400, { error: "region is required", status: 400 }]);
});

test("requests beyond the limit of a second get 429 and are told to come back", async () => {
    await using api = await testVultr({ limits: { requestsPerSecond: 2 } });
    const answers = await Promise.all([1, 2, 3].map(() => api.call("GET", "/v2/regions")));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 429]);
    const refused = answers.find(({ status }) => status === 429)!;
    expect(refused.body).toEqual({ error: "Rate limit exceeded", status: 429 });
    expect(refused.headers.get("retry-after")).toBe("1");
});

test("thirty requests a second are let through, from each address", () => {
    const clock = { now: 1_000_000 };
    const admit = rateLimiter(defaultLimits, () => clock.now);
    const asked = (address: string) => {
        try {
            admit(address, () => {});
            return true;
        } catch {
            return false;
        }
    };
    expect(Array.from({ length: 31 }, () => asked("192.0.2.1")).filter(Boolean)).toHaveLength(30);
    expect(asked("192.0.2.2")).toBe(true);
    clock.now += 999;
    expect(asked("192.0.2.1")).toBe(false);
    clock.now += 1;
    expect(asked("192.0.2.1")).toBe(true);
});

test("a list goes on where its cursor says, and tells the way back", async () => {
    await using api = await testVultr();
    const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFppV1smx5OYORvOLkJ2j8KpRPaBx9bp4589024UeNxb";
    for (const name of ["a", "b", "c", "d", "e"])
        await api.call("POST", "/v2/ssh-keys", { name, ssh_key: key });
    const names: string[][] = [];
    let cursor = "";
    do {
        const { body } = await api.call(
            "GET",
            `/v2/ssh-keys?per_page=2&cursor=${encodeURIComponent(cursor)}`,
        );
        names.push(body.ssh_keys.map(({ name }: { name: string }) => name));
        expect(body.meta.total).toBe(5);
        expect(body.meta.links.prev === "").toBe(cursor === "");
        cursor = body.meta.links.next;
    } while (cursor !== "");
    expect(names).toEqual([["a", "b"], ["c", "d"], ["e"]]);
    const empty = (await api.call("GET", "/v2/vpcs")).body;
    expect(empty).toEqual({ vpcs: [], meta: { total: 0, links: { next: "", prev: "" } } });
});

test("an API that fails, or is slow, is so for its own clients only", async () => {
    await using api = await testVultr();
    await api.call("POST", "/_local/faults", { error: { status: 503, path: "/v2/reserved-ips" } });
    const { status, body } = await api.call("GET", "/v2/reserved-ips");
    expect([status, body]).toEqual([503, { error: "Service unavailable", status: 503 }]);
    expect((await api.call("GET", "/v2/instances")).status).toBe(200);
    expect((await api.call("POST", "/_local/faults", { pendingEvents: 5 })).status).toBe(400);
});
