import { request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, test } from "vitest";
import { fetchEvery, fetchMany, fetchOnce } from "../../../../tools/fetching.ts";
import { within } from "../../../../tools/waiting.ts";
import { testFailures } from "../../../faults/balancerFailures.ts";
import { testBoot } from "../../../faults/boot.ts";
import { KEEPALIVED } from "../../../faults/engines.ts";
import { failures } from "../../../faults/failures.ts";
import { settled } from "../../../faults/pair.ts";
import { agreedProtocol } from "../../../support/agreedProtocol.ts";
import { certificate, certificateKey } from "../../../support/certificate.ts";
import { succeeded } from "../../../support/flagship.ts";
import { sharedFlagship } from "../../../support/shared.ts";
import { underLoad } from "../../../support/underLoad.ts";

const site = await sharedFlagship();

/** It fails on hosts that are told so, and tells how much it was sent. */
const PAGE = `<?php
if (file_exists("/run/page-fails")) http_response_code(500);
echo gethostname(), " ", $_SERVER["REQUEST_METHOD"], " ", strlen(file_get_contents("php://input")), " ", $_SERVER["REMOTE_ADDR"];
`;
const LISTENERS = `http: [
        {
            backends: web.hosts,
            pinned: [
                { path: "/wp-admin", to: web.hosts[0]! },
                { path: "/export", to: web.hosts[1]!, fallback: false },
            ],
            routes: [{ hostNames: ["*.shop.example"], backends: [web.hosts[0]!] }],
            maintenancePage: "<p>Back at noon</p>",
        },
        { port: 8083, backends: web.hosts, limits: { requestsPerSecond: 2 } },
        {
            port: 8443,
            backends: web.hosts,
            balance: "leastconn",
            compress: true,
            tls: { certificates: [{ certificate: ${JSON.stringify(certificate)}, privateKey: ${JSON.stringify(certificateKey)} }], hsts: 300 },
        },
    ],
    tcp: [{ port: 8025, backends: web.hosts, backendPort: 80, healthPath: "/healthz", weights: { "web-0": 0 } }],`;

const BALANCERS = ["lb-0", "lb-1"];
const restore: (() => void)[] = [];
const backToHaproxy = () => {
    for (const each of restore.splice(0).reverse()) each();
};
// One that has failed before the end is put back here.
afterAll(async () => {
    if (restore.length === 0) return;
    backToHaproxy();
    succeeded(await site.stack.up());
}, 300_000);

const at = (port: number) => `http://${site.address}:${port}/`;
const servedBy = async (path: string, count = 6) =>
    [...new Set((await fetchMany(`${site.url}${path}`, count)).map((each) => each.servedBy))].sort();
const everywhere = (command: string) => Promise.all(BALANCERS.map((host) => site.on(host, command)));

test("HAProxy makes way for nginx, on one balancer after the other: no request is lost, and nothing of it is left", async () => {
    // The page stays what it was until PHP is there.
    const files = `php: true, files: { "index.php": ${JSON.stringify(PAGE)}, "text.txt": "word ".repeat(4000), `;
    restore.push(site.edit("files: {", files));
    restore.push(site.edit(/http: \[.*\],/, `engine: "nginx",\n    ${LISTENERS}`));
    await underLoad(site, async () => succeeded(await site.stack.up()));
    await settled(site);
    expect(
        await everywhere("systemctl is-active haproxy evenkeel-nginx@lb evenkeel-nginx-health@lb || true"),
    ).toEqual(Array(2).fill("inactive\nactive\nactive"));
    expect(await everywhere("ls -d /etc/haproxy/evenkeel 2>/dev/null || echo gone")).toEqual([
        "gone",
        "gone",
    ]);
    expect(await everywhere("pgrep -x haproxy || echo none")).toEqual(["none", "none"]);
    succeeded(await site.stack.up("--expect-no-changes"));
}, 180_000);

describe("with nginx", () => {
    test("a thousand requests are split evenly, and say who answered", async () => {
        const results = await fetchMany(site.url, 1000);
        expect(results.filter(({ status }) => status !== 200)).toEqual([]);
        const share = results.filter((one) => one.servedBy === "web-0").length;
        expect(share).toBeGreaterThanOrEqual(480);
        expect(share).toBeLessThanOrEqual(520);
    });

    test("a web host that dies leaves within two seconds and loses nothing, pins follow, and it comes back", async () => {
        expect(await servedBy("wp-admin/")).toEqual(["web-0"]);
        expect(await servedBy("%77p-admin/")).toEqual(["web-0"]);
        expect(await servedBy("export")).toEqual(["web-1"]);
        await underLoad(site, async () => {
            await site.on("web-0", "systemctl stop nginx");
            await within(5, "web-1 alone", async () => (await servedBy("")).join() === "web-1");
            // For so long visitors come.
            await sleep(2000);
            expect(await servedBy("wp-admin/")).toEqual(["web-1"]);
            await site.on("web-0", "systemctl start nginx");
            await within(15, "both again", async () => (await servedBy("")).length === 2);
        });
        expect(await servedBy("wp-admin/")).toEqual(["web-0"]);
        await site.on("web-1", "systemctl stop nginx");
        try {
            await within(
                5,
                "its pin to have nobody",
                async () => (await fetchOnce(`${site.url}export`, 2000)).status === 503,
            );
            const answer = await fetch(`${site.url}export`, { method: "POST", body: "x" });
            expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "10"]);
            expect(await answer.text()).toContain("<p>Back at noon</p>");
        } finally {
            await site.on("web-1", "systemctl start nginx");
        }
        await within(20, "both again", async () => (await servedBy("")).length === 2);
    });

    test("a drained web host, and one whose PHP has died, are asked nothing", async () => {
        await site.on("web-0", "/usr/local/lib/evenkeel/planned-work drain web-0");
        expect(await servedBy("", 20)).toEqual(["web-1"]);
        await site.on("web-0", "/usr/local/lib/evenkeel/planned-work resume web-0");
        await within(20, "both again", async () => (await servedBy("")).length === 2);
        await site.on("web-1", "systemctl stop php8.2-fpm");
        try {
            await within(6, "web-0 alone", async () => (await servedBy("", 20)).join() === "web-0");
        } finally {
            await site.on("web-1", "systemctl start php8.2-fpm");
        }
        await within(40, "both again", async () => (await servedBy("")).length === 2);
    });

    test("a host whose visitors get errors is left out, and few of them see it", async () => {
        await site.on("web-1", "touch /run/page-fails");
        // A hundred a second, as with HAProxy: how many see it depends on how many come at once.
        const load = fetchEvery(site.url, 10);
        await sleep(6000);
        await load.stop();
        await site.on("web-1", "rm /run/page-fails");
        const failed = load.results.filter(({ status }) => status === 500).length;
        expect(failed).toBeGreaterThan(0);
        expect(failed / load.results.length).toBeLessThan(0.12);
        await within(90, "both again", async () => (await servedBy("")).length === 2);
    }, 120_000);

    test("uploads arrive whole; names and TCP lead where they should", async () => {
        const body = "x".repeat(20_000_000);
        const told = await (await fetch(site.url, { method: "POST", body })).text();
        expect(told).toMatch(/^web-\d POST 20000000 /);
        const named = `for i in 1 2 3 4; do curl -s -o /dev/null -w '%header{x-served-by}\\n' -H 'Host: www.SHOP.example:8080' ${site.url}; done | sort -u`;
        expect(await site.on("web-1", named)).toBe("web-0");
        expect(await (await fetch(at(8025))).text()).toMatch(/^web-1 GET/);
        const statuses = await Promise.all(Array.from({ length: 40 }, () => fetchOnce(at(8083), 2000)));
        expect(statuses.filter(({ status }) => status === 429).length).toBeGreaterThanOrEqual(15);
    });

    test("TLS ends here, with HTTP/2, HSTS and compression; its key is root's alone", async () => {
        const headers = await new Promise<Record<string, unknown>>((resolve, reject) => {
            const options = {
                host: site.address,
                port: 8443,
                path: "/text.txt",
                headers: { host: "www.example.com:8443", "accept-encoding": "gzip" },
                servername: "www.example.com",
                ca: certificate,
            };
            request(options, (answer) => resolve(answer.resume().headers))
                .on("error", reject)
                .end();
        });
        expect(headers).toMatchObject({
            "strict-transport-security": "max-age=300",
            "content-encoding": "gzip",
        });
        expect(await agreedProtocol(site.address, 8443, "www.example.com", certificate)).toBe("h2");
        expect(await everywhere("stat -c '%a %U' /etc/evenkeel/balancers/lb/lb-http-8443-0.pem")).toEqual(
            Array(2).fill("600 root"),
        );
    });

    const nginx = (signal: string) => `systemctl kill -s ${signal} evenkeel-nginx@lb`;
    testFailures(site, [
        failures.find(({ name }) => name === "active balancer powered off")!,
        {
            name: "nginx frozen",
            how: "SIGSTOP to nginx on the active balancer",
            moves: true,
            make: (_, { active }) => site.on(active, nginx("STOP")),
            heal: (_, { active }) => site.on(active, nginx("CONT")),
        },
        {
            name: "nginx killed",
            how: "SIGKILL to nginx on the active balancer; systemd starts it again",
            moves: false,
            make: (_, { active }) => site.on(active, nginx("KILL")),
        },
    ]);

    test("who asks the backends is back when it was killed, and planned work leaves the address", async () => {
        const { active, standby } = await settled(site);
        await site.on(active, "systemctl kill -s KILL evenkeel-nginx-health@lb");
        await within(
            10,
            "it to be back",
            async () =>
                (await site.on(active, "systemctl is-active evenkeel-nginx-health@lb || true")) === "active",
        );
        await underLoad(site, async () => {
            await site.on(active, `/usr/local/lib/evenkeel/planned-work drain ${active}`);
            expect(await site.holder()).toBe(standby);
            await site.on(active, `/usr/local/lib/evenkeel/planned-work resume ${active}`);
        });
        await settled(site);
    });

    testBoot(site, KEEPALIVED);
});

test("and nginx to HAProxy, the same way", async () => {
    backToHaproxy();
    await underLoad(site, async () => succeeded(await site.stack.up()));
    await settled(site);
    const units = "systemctl is-active haproxy evenkeel-nginx@lb evenkeel-nginx-health@lb || true";
    expect(await everywhere(units)).toEqual(Array(2).fill("active\ninactive\ninactive"));
    const left =
        "ls /etc/evenkeel/balancers/lb/nginx.conf /etc/systemd/system/evenkeel-nginx@.service 2>/dev/null || echo gone";
    expect(await everywhere(left)).toEqual(["gone", "gone"]);
}, 180_000);
