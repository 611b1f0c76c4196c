import { afterAll, describe, expect, test } from "vitest";
import { testApi, tokens } from "../../support/digitalocean.ts";

describe("the token for failover", async () => {
    const api = await testApi();
    afterAll(() => api[Symbol.asyncDispose]());
    test.each([
        ["GET", "/v2/reserved_ips", 200],
        ["GET", "/v2/reserved_ips/203.0.113.34", 404],
        ["POST", "/v2/reserved_ips/203.0.113.34/actions", 404],
        ["GET", "/v2/reserved_ips/203.0.113.34/actions/7", 404],
        ["GET", "/v2/droplets?tag_name=web", 200],
        ["GET", "/v2/droplets/7", 404],
        ["GET", "/v2/droplets/7/actions", 404],
        ["GET", "/v2/actions", 200],
        ["GET", "/v2/actions/7", 404],
        ["GET", "/v2/regions", 200],
        ["GET", "/v2/sizes", 200],
        ["GET", "/v2/images", 200],
        ["GET", "/v2/images/debian-12-x64", 200],
        ["POST", "/v2/reserved_ips", 403],
        ["DELETE", "/v2/reserved_ips/203.0.113.34", 403],
        ["POST", "/v2/droplets", 403],
        ["DELETE", "/v2/droplets/7", 403],
        ["POST", "/v2/droplets/7/actions", 403],
        ["GET", "/v2/droplets/7/firewalls", 403],
        ["GET", "/v2/account", 403],
        ["GET", "/v2/account/keys", 403],
        ["GET", "/v2/vpcs", 403],
        ["GET", "/v2/firewalls", 403],
        ["GET", "/v2/tags", 403],
        ["GET", "/v2/projects", 403],
        ["GET", "/v2/domains", 403],
        ["GET", "/_local/faults", 403],
        ["POST", "/_local/faults", 403],
        ["GET", "/_local/requests", 403],
    ])("%s %s: %i", async (method, path, wanted) => {
        const { status, body } = await api.call(method, path, undefined, tokens.failoverToken);
        expect(status).toBe(wanted);
        if (wanted === 403) {
            expect(body).toEqual({
                id: "forbidden",
                message: "You are not authorized to perform this operation",
                request_id: expect.any(String),
            });
        }
    });
});

test.each([
    ["a wrong token", "Bearer wrong"],
    ["no token", ""],
    ["another scheme", `Basic ${tokens.token}`],
])("%s is refused, also on paths that are not there", async (_label, authorization) => {
    await using api = await testApi();
    for (const path of ["/v2/account", "/v2/nothing", "/_local/faults"]) {
        const answer = await fetch(`${api.url}${path}`, { headers: { authorization } });
        expect(answer.status).toBe(401);
        expect(await answer.json()).toMatchObject({
            id: "Unauthorized",
            message: "Unable to authenticate you",
        });
    }
    expect(api.log).toEqual([]);
});

test("a path that the local cloud lacks is answered 404 and logged loudly", async () => {
    await using api = await testApi();
    const { status, body } = await api.call("POST", "/v2/volumes", { name: "data" });
    expect(status).toBe(404);
    expect(body.id).toBe("not_found");
    expect(api.log).toEqual(["NOT IN THE LOCAL CLOUD: POST /v2/volumes"]);
});

test("a body that is no JSON is a bad request", async () => {
    await using api = await testApi();
    const headers = { authorization: `Bearer ${tokens.token}`, "content-type": "application/json" };
    const answer = await fetch(`${api.url}/v2/tags`, { method: "POST", headers, body: "{" });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ id: "bad_request" });
});
