import { request } from "node:https";
import { createConnection } from "node:net";
import { connect } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fetchMany, fetchOnce } from "../../../tools/fetching.ts";
import { within } from "../../../tools/waiting.ts";
import { settled } from "../../faults/pair.ts";
import { agreedProtocol } from "../../support/agreedProtocol.ts";
import { certificate, certificateKey } from "../../support/certificate.ts";
import { succeeded } from "../../support/flagship.ts";
import { sharedFlagship } from "../../support/shared.ts";

const site = await sharedFlagship();

/** It fails on hosts that are told so, and takes as long as is asked for. */
const PAGE = `<?php
if (isset($_GET["sleep"])) usleep((int) $_GET["sleep"] * 1000);
if (file_exists("/run/page-fails")) http_response_code(500);
echo gethostname();
`;
const [web0, web1] = ["web.hosts[0]!", "web.hosts[1]!"];
const LISTENERS = `http: [
        {
            backends: web.hosts,
            pinned: [{ path: "/wp-admin", to: ${web0} }],
            routes: [
                { path: "/api", backends: [${web1}] },
                { hostNames: ["*.shop.example"], backends: [${web0}] },
            ],
        },
        { port: 8081, backends: web.hosts, maxConnections: 2, queueTimeout: 2 },
        { port: 8082, backends: web.hosts, backendPort: 81, maintenancePage: "<p>Back at noon</p>" },
        { port: 8083, backends: web.hosts, limits: { requestsPerSecond: 2, connections: 5 }, weights: { "web-0": 3 } },
        { port: 8084, backends: web.hosts, stickiness: { by: "address" } },
        {
            port: 8443,
            backends: web.hosts,
            stickiness: { by: "cookie" },
            compress: true,
            tls: { certificates: [{ certificate: ${JSON.stringify(certificate)}, privateKey: ${JSON.stringify(certificateKey)} }], hsts: 300 },
        },
    ],
    tcp: [{ port: 8025, backends: web.hosts, backendPort: 80, healthPath: "/healthz", weights: { "web-0": 0 } }],
    metricsPort: 9101,
    statusPage: true,`;

const restore: (() => void)[] = [];
beforeAll(async () => {
    const pages = { "index.php": PAGE, "wp-admin/index.php": PAGE, "text.txt": "word ".repeat(4000) };
    restore.push(site.edit(/files: \{ "index\.html".*\},/, `php: true, files: ${JSON.stringify(pages)},`));
    restore.push(site.edit(/http: \[.*\],/, LISTENERS));
    succeeded(await site.stack.up());
    await settled(site);
}, 300_000);
afterAll(async () => {
    for (const each of restore.reverse()) each();
    succeeded(await site.stack.up());
}, 300_000);

const at = (port: number) => `http://${site.address}:${port}/`;
const statuses = async (requests: Promise<{ status: number }>[]) => {
    const all = (await Promise.all(requests)).map(({ status }) => status);
    return Object.fromEntries(
        [...new Set(all)].sort().map((one) => [one, all.filter((each) => each === one).length]),
    );
};

describe("where a request goes", () => {
    const servedBy = async (path: string, headers: Record<string, string> = {}) => {
        const answers = await Promise.all(
            Array.from({ length: 6 }, () => fetch(`${site.url}${path}`, { headers })),
        );
        return [...new Set(answers.map((answer) => answer.headers.get("x-served-by")))].sort();
    };

    test("by its path, and by nothing that only begins so", async () => {
        expect(await servedBy("api")).toEqual(["web-1"]);
        expect(await servedBy("%61pi/orders")).toEqual(["web-1"]);
        expect(await servedBy("apiary")).toEqual(["web-0", "web-1"]);
        expect(await servedBy("wp-admin/")).toEqual(["web-0"]);
    });

    test("by the name of the site", async () => {
        const asking = (name: string) =>
            site.on(
                "web-1",
                `for i in 1 2 3 4; do curl -s -o /dev/null -w '%header{x-served-by}\\n' -H 'Host: ${name}' ${site.url}; done | sort -u`,
            );
        expect(await asking("www.SHOP.example:8080")).toBe("web-0");
        expect(await asking("shop.example.org")).toBe("web-0\nweb-1");
    });

    test("by TCP, to hosts that have a share of it", async () => {
        const answers = await Promise.all(Array.from({ length: 5 }, () => fetch(at(8025))));
        expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(Array(5).fill("web-1"));
    });

    test("three to one, where one has three shares", async () => {
        const answers = await site.on(
            "web-1",
            `for i in $(seq 16); do curl -s ${at(8083)}; echo; sleep 0.4; done | sort | uniq -c | awk '{ print $2, $1 }'`,
        );
        expect(answers).toBe("web-0 12\nweb-1 4");
    });
});

describe("staying", () => {
    test("by address, with the other balancer, too", async () => {
        const first = (await fetchOnce(at(8084), 2000)).servedBy;
        const served = async () => new Set((await fetchMany(at(8084), 20)).map((each) => each.servedBy));
        expect(await served()).toEqual(new Set([first]));
        const holder = (await site.holder())!;
        await site.on(holder, "systemctl stop keepalived");
        try {
            await within(
                10,
                "the other balancer to have the address",
                async () => (await site.holder()) !== holder,
            );
            await within(5, "an answer", async () => (await fetchOnce(at(8084), 1000)).status === 200);
            expect(await served()).toEqual(new Set([first]));
        } finally {
            await site.on(holder, "systemctl start keepalived");
            await settled(site);
        }
    });
});

describe("overload", () => {
    test("waits for a place, a bounded time, and is told to come back", async () => {
        // Two hosts with two places each: four at once, for 1.5 s; who waits for longer than 2 s is sent away.
        const slow = `${at(8081)}?sleep=1500`;
        const found = await statuses(Array.from({ length: 24 }, () => fetchOnce(slow, 20_000)));
        expect(found[200]).toBeGreaterThanOrEqual(4);
        expect(found[200]).toBeLessThanOrEqual(12);
        expect(found).toEqual({ 200: found[200], 503: 24 - found[200]! });
        const crowd = Array.from({ length: 24 }, () => fetch(slow));
        const refused = (await Promise.all(crowd)).filter(({ status }) => status === 503);
        expect(refused[0]!.headers.get("retry-after")).toBe("10");
        expect((await fetchOnce(at(8081), 2000)).status).toBe(200);
    });

    test("one visitor's requests are limited, and his connections", async () => {
        await within(
            20,
            "the former requests to be forgotten",
            async () => (await fetchOnce(at(8083), 2000)).status === 200,
            2000,
        );
        const found = await statuses(
            Array.from({ length: 40 }, (_, i) => delayed(i * 20, () => fetchOnce(at(8083), 2000))),
        );
        expect(found[429]).toBeGreaterThanOrEqual(15);
        const sockets = Array.from({ length: 12 }, () => createConnection(8083, site.address));
        try {
            const isClosed = (socket: (typeof sockets)[number]) => socket.closed || socket.readableEnded;
            for (const socket of sockets) socket.on("error", () => {}).resume();
            await within(
                5,
                "connections beyond five to be closed",
                async () => sockets.filter(isClosed).length >= 7,
            );
            expect(sockets.filter(isClosed)).toHaveLength(7);
        } finally {
            for (const socket of sockets) socket.destroy();
        }
    });
});
const delayed = async <Value>(ms: number, work: () => Promise<Value>) => {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return work();
};

test("while no host can answer, visitors see the page for it", async () => {
    const answer = await fetch(at(8082));
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe("10");
    expect(await answer.text()).toContain("<p>Back at noon</p>");
});

describe("a host that answers with errors, though it is well by its check", () => {
    afterAll(() => Promise.all(["web-0", "web-1"].map((host) => site.on(host, "rm -f /run/page-fails"))));

    test("is left out again and again, and few of the visitors see it", async () => {
        await site.on("web-1", "touch /run/page-fails");
        const found = await statuses(
            Array.from({ length: 600 }, (_, i) => delayed(i * 10, () => fetchOnce(site.url, 3000))),
        );
        expect(found[500]).toBeGreaterThan(0);
        expect(found[500]! / 600).toBeLessThan(0.12);
        expect(Object.keys(found)).toEqual(["200", "500"]);
    });

    test("where all hosts do, it is the application, whose answers pass", async () => {
        await site.on("web-0", "touch /run/page-fails");
        const found = await statuses(
            Array.from({ length: 200 }, (_, i) => delayed(i * 10, () => fetchOnce(site.url, 3000))),
        );
        expect(found).toEqual({ 500: 200 });
        expect((await fetchOnce(`${site.url}text.txt`, 2000)).status).toBe(200);
    });
});

describe("TLS", () => {
    /** As a browser of the site, whose name leads here. */
    const ask = (path: string, headers: Record<string, string> = {}) =>
        new Promise<{ status: number; headers: Record<string, string | string[] | undefined>; body: string }>(
            (resolve, reject) => {
                const options = {
                    host: site.address,
                    port: 8443,
                    path,
                    headers: { host: "www.example.com:8443", ...headers },
                    servername: "www.example.com",
                    ca: certificate,
                };
                request(options, (answer) => {
                    const chunks: Buffer[] = [];
                    answer.on("data", (chunk) => chunks.push(chunk));
                    answer.on("end", () =>
                        resolve({
                            status: answer.statusCode!,
                            headers: answer.headers,
                            body: Buffer.concat(chunks).toString(),
                        }),
                    );
                })
                    .on("error", reject)
                    .end();
            },
        );

    test("ends here with the site's certificate, HTTP/2 and HSTS", async () => {
        const { status, headers } = await ask("/");
        expect(status).toBe(200);
        expect(headers["strict-transport-security"]).toBe("max-age=300");
        expect(await agreedProtocol(site.address, 8443, "www.example.com", certificate)).toBe("h2");
    });

    test("older than 1.2 is refused", async () => {
        const socket = connect({
            host: site.address,
            port: 8443,
            rejectUnauthorized: false,
            minVersion: "TLSv1",
            maxVersion: "TLSv1.1",
            ciphers: "DEFAULT@SECLEVEL=0",
        });
        const ended = new Promise((resolve) =>
            socket.on("secureConnect", () => resolve("connected")).on("error", () => resolve("refused")),
        );
        expect(await ended).toBe("refused");
    });

    test("a visitor stays by a cookie that is for TLS alone", async () => {
        const { headers } = await ask("/");
        const [cookie] = headers["set-cookie"] as string[];
        expect(cookie).toMatch(/; HttpOnly; Secure; SameSite=Lax/);
        const again = await Promise.all(
            Array.from({ length: 10 }, () => ask("/", { cookie: cookie!.split(";")[0]! })),
        );
        expect(new Set(again.map(({ body }) => body))).toEqual(new Set([headers["x-served-by"]]));
    });

    test("texts are compressed here, once", async () => {
        const { headers } = await ask("/text.txt", { "accept-encoding": "gzip" });
        expect(headers["content-encoding"]).toBe("gzip");
    });

    test("its key is root's alone, and in nothing that can be read", async () => {
        expect(await site.on("lb-0", "stat -c '%a %U' /etc/haproxy/evenkeel/lb-http-8443-0.pem")).toBe(
            "600 root",
        );
        const state = await site.stack.pulumi("stack", "export");
        expect(state.output).not.toContain(certificateKey.split("\n")[1]);
    });
});

test("figures on the private address for the private network, and the page for who has the password", async () => {
    const from = (command: string) => site.on("web-0", command);
    const lb0 = await site.on("lb-0", "ss -Hltn 'sport = :9101' | awk '{ print $4 }'");
    expect(
        await from(`curl -s http://${lb0}/metrics | grep -c '^haproxy_backend_http_responses_total'`),
    ).not.toBe("0");
    expect(await from(`curl -s -o /dev/null -w '%{http_code}' http://${lb0}/status`)).toBe("401");
    const account = await site.on("lb-0", "cat /etc/haproxy/evenkeel/lb-status.cfg");
    const password = /password (\S+)/.exec(account)![1]!;
    expect(
        await from(`curl -s -o /dev/null -w '%{http_code}' -u admin:${password} http://${lb0}/status`),
    ).toBe("200");
    expect(await fetchOnce(`http://${site.address}:9101/metrics`, 2000)).toMatchObject({ status: 0 });
});
