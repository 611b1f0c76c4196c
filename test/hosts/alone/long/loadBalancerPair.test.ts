import { afterAll, beforeAll, expect, test } from "vitest";
import { fetchMany, fetchOnce } from "../../../../tools/fetching.ts";
import { within } from "../../../../tools/waiting.ts";
import { power, pullPlug } from "../../../faults/hosts.ts";
import { testStack } from "../../../support/engine.ts";
import {
    cloudEnvironment,
    type Flagship,
    flagshipOn,
    succeeded,
    testCloud,
} from "../../../support/flagship.ts";

const HOSTS = ["web-0", "web-1"];
let site: Flagship;

beforeAll(async () => {
    const cloud = await testCloud("test-balancer-pair");
    const stack = await testStack({
        program: "examples/load-balancer-pair",
        config: { failBackDelay: "5" },
        secrets: { failoverToken: cloud.failoverToken },
        env: cloudEnvironment(cloud),
    });
    succeeded(await stack.up());
    site = await flagshipOn(cloud, stack);
    await within(20, "the address to be with the first host", async () => (await site.holder()) === "web-0");
}, 600_000);
afterAll(async () => site?.remove());

const mail = () => `http://${site.address}:8025/images/`;
const both = async (url: string) =>
    [...new Set((await fetchMany(url, 40)).map(({ servedBy }) => servedBy))].sort();

test("pages and pictures come from pools of their own, each from both hosts", async () => {
    expect(await (await fetch(site.url)).text()).toContain("<h1>Pages</h1>");
    expect(await (await fetch(`${site.url}images/`)).text()).toContain("<h1>Pictures</h1>");
    expect(await both(site.url)).toEqual(HOSTS);
    expect(await both(`${site.url}images/`)).toEqual(HOSTS);
});

test("a visitor stays with one host: by a cookie, and at the TCP service by his address", async () => {
    const given = (await fetch(site.url)).headers.getSetCookie();
    const headers = { cookie: given.map((each) => each.split(";")[0]).join("; ") };
    const answers = await Promise.all(Array.from({ length: 20 }, () => fetch(site.url, { headers })));
    expect(new Set(answers.map((answer) => answer.headers.get("x-served-by"))).size).toBe(1);
    const logged = async () =>
        Promise.all(
            HOSTS.map((host) => site.on(host, "grep -c 'GET /images/ ' /var/log/nginx/access.log || true")),
        );
    const before = await logged();
    for (let i = 0; i < 10; i++) expect((await fetchOnce(mail(), 2000)).status).toBe(200);
    const asked = (await logged()).map((count, i) => Number(count) - Number(before[i]));
    expect(asked.sort()).toEqual([0, 10]);
});

/** A page as a browser asks for it, which keeps cookies: how often the visitor was here, and the host that served it. */
async function visit(cookies: Map<string, string>): Promise<[visits: number, host: string]> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await fetch(site.url, { headers: { cookie, connection: "close" } });
    for (const given of answer.headers.getSetCookie()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(given)!;
        cookies.set(name!, value!);
    }
    const [, visits, host] = /Visit (\d+), served by ([\w-]+)/.exec(await answer.text())!;
    return [Number(visits), host!];
}

test("the first host dies, and the other balances, serves all and knows its visitors; it returns, and has the address again", async () => {
    const known = new Map<string, string>();
    do {
        known.clear();
        expect((await visit(known))[0]).toBe(1);
    } while ((await visit(known))[1] !== "web-0");
    await pullPlug(site, "web-0");
    for (const url of [site.url, `${site.url}images/`, mail()])
        await within(10, `an answer from ${url}`, async () => (await fetchOnce(url, 1000)).status === 200);
    expect(await site.holder()).toBe("web-1");
    expect(await visit(known)).toEqual([3, "web-1"]);
    await power(site, "web-0", "on");
    await within(60, "the address to be back", async () => (await site.holder()) === "web-0", 1000);
    await within(20, "both to serve", async () => (await both(site.url)).length === 2);
}, 240_000);

test("a second up changes nothing", async () => {
    succeeded(await site.stack.up("--expect-no-changes"));
});
