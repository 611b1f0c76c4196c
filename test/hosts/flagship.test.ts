import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { succeeded as answered, fetchEvery, fetchMany, fetchOnce } from "../../tools/fetching.ts";
import { deployFlagship, type Flagship, succeeded } from "../support/flagship.ts";
import { asGolden } from "../support/golden.ts";

const HOSTS = ["lb-0", "lb-1", "web-0", "web-1"];

let site: Flagship;
beforeAll(async () => {
    site = await deployFlagship("test-flagship");
});
afterAll(async () => site?.remove());

/** Runs something while the page is fetched a hundred times a second; every answer has to be good. */
async function underLoad<T>(work: () => Promise<T>): Promise<T> {
    const load = fetchEvery(site.url, 10, 60_000);
    const result = await work().finally(() => load.stop());
    const lost = load.results.filter((one) => !answered(one));
    expect(load.results.length).toBeGreaterThan(100);
    const reasons = lost.map(({ status, error, servedBy }) => error ?? `${status} by ${servedBy}`);
    const told = `${lost.length} of ${load.results.length} requests failed: ${reasons.join(", ")}`;
    const journals = lost.length === 0 ? [] : await Promise.all(["lb-0", "lb-1"].map(journal));
    expect(lost, [told, ...journals].join("\n")).toEqual([]);
    return result;
}

const journal = (host: string) =>
    site.on(host, "journalctl -q -o short-precise -u haproxy -u keepalived -n 20");

/** How many SSH sessions each host has seen since it was born. */
async function logins(): Promise<Record<string, number>> {
    const count = async (host: string) =>
        Number(await site.on(host, "journalctl -q -o cat -t sshd | grep -c '^Accepted' || true"));
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
            "echo show stat | nc -U /run/haproxy/admin.sock | grep '^http-80,web-' | cut -d, -f2,18";
        await expect.poll(() => site.on("lb-0", command), { timeout: 10_000 }).toBe("web-0,UP\nweb-1,UP");
    });
});

describe("nothing to do", () => {
    test("a second up changes nothing and opens no SSH connection", async () => {
        const before = await logins();
        expect(succeeded(await site.stack.up("--expect-no-changes"))).toContain("31 unchanged");
        expect(await logins()).toEqual(before);
    });

    test("refresh, then up: nothing changes, and still nobody logs in", async () => {
        const before = await logins();
        succeeded(await site.stack.refresh("--expect-no-changes"));
        succeeded(await site.stack.up("--expect-no-changes"));
        expect(await logins()).toEqual(before);
    });
});

describe("one changed line", () => {
    test("the preview shows it as a diff, and up rolls it out without losing a request", async () => {
        await site.stack.pulumi("config", "set", "greeting", "Good evening");
        const preview = succeeded(await site.stack.preview("--diff"));
        expect(preview).toMatch(/- +<h1>Hello from evenkeel<\/h1>/);
        expect(preview).toMatch(/\+ +<h1>Good evening<\/h1>/);
        // The pool itself shows its changed argument, then each host its changed file.
        expect(preview).toMatch(/~ 3 to update\n\s+28 unchanged/);

        await expect(asGolden(preview)).toMatchFileSnapshot("previews/one-line.golden.txt");

        await underLoad(async () => succeeded(await site.stack.up()));

        const written = (host: string) => site.on(host, "stat -c %.Y /var/www/html/index.html");
        expect(Number(await written("web-0"))).toBeLessThan(Number(await written("web-1")));
    });
});

describe("a broken configuration", () => {
    test("up fails with an error that names host, file and the daemon's words; the former file stays; nothing is lost", async () => {
        const former = await site.on("lb-0", "cat /etc/haproxy/haproxy.cfg");
        const restore = site.edit(
            "backends: web.hosts,",
            'backends: web.hosts, balance: "fairest" as never,',
        );
        const { exitCode, output } = await underLoad(() => site.stack.up()).finally(restore);
        expect(exitCode).not.toBe(0);
        expect(output).toContain(
            "evenkeel: lb-0: role balancer: /etc/haproxy/haproxy.cfg was refused by haproxy",
        );
        expect(output).toMatch(
            /haproxy\.cfg:\d+\].*'balance'.*fairest|balance.*fairest|'balance' only supports/,
        );
        expect(await site.on("lb-0", "cat /etc/haproxy/haproxy.cfg")).toBe(former);
        expect(await site.on("lb-1", "cat /etc/haproxy/haproxy.cfg")).toContain("balance roundrobin");
        succeeded(await site.stack.up());
    });
});

describe("growing", () => {
    test("from 2 to 4 web hosts under load: no request is lost, and the first two stay the same hosts", async () => {
        const ids = async () =>
            (await site.on("web-0", "cat /etc/machine-id")) + (await site.on("web-1", "cat /etc/machine-id"));
        const before = await ids();
        await site.stack.pulumi("config", "set", "webHosts", "4");
        const preview = asGolden(succeeded(await site.stack.preview("--diff")));
        const balancers = preview.slice(preview.indexOf("~ command:remote:Command"));
        await expect(balancers).toMatchFileSnapshot("previews/growth-balancers.golden.txt");
        await underLoad(async () => succeeded(await site.stack.up()));
        expect(await ids()).toBe(before);
        const servers = (await fetchMany(site.url, 200)).map(({ servedBy }) => servedBy);
        expect([...new Set(servers)].sort()).toEqual(["web-0", "web-1", "web-2", "web-3"]);
    });

    test("and back to 2: no request is lost", async () => {
        await site.stack.pulumi("config", "set", "webHosts", "2");
        await underLoad(async () => succeeded(await site.stack.up()));
    });
});
