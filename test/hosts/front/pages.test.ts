import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fetchOnce } from "../../../tools/fetching.ts";
import { within } from "../../../tools/waiting.ts";
import { succeeded } from "../../support/flagship.ts";
import { sharedFlagship } from "../../support/shared.ts";

const site = await sharedFlagship();

/** What reaches an application, and what it may send. */
const PAGE = `<?php
if (isset($_GET["cookie"])) header("Set-Cookie: a=" . str_repeat("x", (int) $_GET["cookie"]));
if (isset($_GET["sleep"])) sleep((int) $_GET["sleep"]);
if (isset($_GET["fail"])) http_response_code((int) $_GET["fail"]);
echo json_encode([
    "uri" => $_SERVER["REQUEST_URI"],
    "path" => $_SERVER["PATH_INFO"],
    "address" => $_SERVER["REMOTE_ADDR"],
    "https" => $_SERVER["HTTPS"] ?? null,
    "size" => $_FILES["file"]["size"] ?? null,
]);
`;
const POOL = `php: true,
    maxUpload: 5,
    files: {
        "index.php": ${JSON.stringify(PAGE)},
        "wp-admin/index.php": "<?php echo gethostname();",
        "notes.sql.gz": "rows",
        "index.php.bak": "<?php",
        "docs/index.html": "documents",
    },`;
const LISTENER = "pinned: [";

const restore: (() => void)[] = [];
beforeAll(async () => {
    restore.push(site.edit(/files: \{ "index\.html".*\},/, POOL));
    // This machine's address towards the hosts: it is the proxy.
    const { stdout } = await execa("ip", ["-json", "route", "get", site.address]);
    const [{ prefsrc }] = JSON.parse(stdout);
    restore.push(site.edit(LISTENER, `trustedProxies: ["${prefsrc}"], ${LISTENER}`));
    succeeded(await site.stack.up());
}, 300_000);
afterAll(async () => {
    for (const each of restore.reverse()) each();
    succeeded(await site.stack.up());
}, 300_000);

/** Where the balancer itself listens: no proxy is before it, and the reserved IP does not lead a balancer to itself. */
const LISTENING = "http://$(ss -Hltn 'sport = :80' | awk '{ print $4; exit }')";

const ask = (path: string, init: RequestInit = {}) =>
    fetch(`${site.url}${path}`, { redirect: "manual", ...init });
const told = async (path: string, init?: RequestInit) =>
    (await ask(path, init)).json() as Promise<Record<string, unknown>>;
const status = async (path: string, init?: RequestInit) => {
    const answer = await ask(path, init);
    await answer.arrayBuffer();
    return answer.status;
};

describe("what an application gets", () => {
    test("paths that are no file, and paths behind a file's", async () => {
        expect(await told("about?x=1")).toMatchObject({ uri: "/about?x=1", path: "" });
        expect(await told("index.php/about")).toMatchObject({ path: "/about" });
        expect(await status("nothing.php")).toBe(404);
    });

    test("uploads up to the limit, and a 413 above it", async () => {
        const upload = (bytes: number) => {
            const body = new FormData();
            body.set("file", new Blob([new Uint8Array(bytes)]), "file");
            return { method: "POST", body };
        };
        for (const megabytes of [1, 3, 4.9])
            expect(await told("", upload(megabytes * 2 ** 20))).toMatchObject({
                size: Math.floor(megabytes * 2 ** 20),
            });
        expect(await status("", upload(5.1 * 2 ** 20))).toBe(413);
    });

    test("large cookies both ways", async () => {
        expect(await status("?cookie=12000")).toBe(200);
        expect(await status("", { headers: { cookie: `a=${"x".repeat(14_000)}` } })).toBe(200);
    });

    test("the visitor's address and scheme: from a proxy that is trusted, and from nobody else", async () => {
        const headers = { "x-forwarded-for": "198.51.100.7", "x-forwarded-proto": "https" };
        expect(await told("", { headers })).toMatchObject({ https: "on" });
        const forged = await site.on(
            "lb-0",
            `curl -s -H 'X-Forwarded-For: 6.6.6.6' -H 'X-Forwarded-Proto: https' ${LISTENING}/`,
        );
        expect(JSON.parse(forged)).toMatchObject({ https: null });
        expect(JSON.parse(forged).address).not.toBe("6.6.6.6");
    });

    test("a redirect that is its own, whatever the visitor came by", async () => {
        const answer = await ask("docs");
        expect(answer.status).toBe(301);
        expect(answer.headers.get("location")).toBe("/docs/");
    });
});

test.each([".env", "notes.sql.gz", "index.php.bak", "wp-admin/.git/config", "x.php~"])(
    "%s is not served",
    async (path) => {
        expect(await status(path)).toBe(404);
    },
);

test("a pinned path is pinned however it is written, and by whole segments", async () => {
    const raw = (path: string) =>
        site.on(
            "lb-0",
            `for i in 1 2 3 4 5 6; do curl -s --path-as-is -o /dev/null -w '%{http_code} %header{x-served-by}\\n' "${LISTENING}${path}"; done | sort -u`,
        );
    for (const path of ["/wp-admin/", "//wp-admin/", "/%77p-admin/", "/./wp-admin/", "/wp-admin/index.php"])
        expect(await raw(path), path).toBe("200 web-0");
    expect((await raw("/wp-administrator")).split("\n")).toEqual(["200 web-0", "200 web-1"]);
    for (const path of ["/x/../wp-admin/", "/x/..%2fwp-admin/", "/x/%2e%2e/wp-admin/"])
        expect(await raw(path), path).toMatch(/^400/);
});

test("a request that takes long is asked of one host, once", async () => {
    const before = await asked();
    expect(await status("?sleep=3")).toBe(200);
    expect((await asked()) - before).toBe(1);
});
const asked = async () => {
    const counts = ["web-0", "web-1"].map((host) =>
        site.on(host, "grep -c 'sleep=3' /var/log/nginx/access.log || true"),
    );
    return (await Promise.all(counts)).reduce((sum, count) => sum + Number(count), 0);
};

test("what fails is in the balancers' journal, with the reason; what does not is not", async () => {
    expect(await status("?fail=503&odd")).toBe(503);
    expect(await status("?fine")).toBe(200);
    const journal = () =>
        Promise.all(
            ["lb-0", "lb-1"].map((host) =>
                site.on(host, "journalctl -q -o cat -u haproxy -p err | tail -n 50"),
            ),
        );
    await within(10, "the error in the journal", async () =>
        (await journal()).join("\n").includes("?fail=503&odd"),
    );
    expect((await journal()).join("\n")).not.toContain("?fine");
});

test("PHP-FPM is reloaded while requests are under way: none is lost", async () => {
    const requests = Array.from({ length: 12 }, () => status("?sleep=2"));
    await new Promise((resolve) => setTimeout(resolve, 700));
    await Promise.all(["web-0", "web-1"].map((host) => site.on(host, "systemctl reload php8.2-fpm nginx")));
    expect(await Promise.all(requests)).toEqual(requests.map(() => 200));
});

test("PHP-FPM is gone on one host: that one is asked no more, until it is back", async () => {
    await site.on("web-1", "systemctl mask --now --runtime php8.2-fpm");
    try {
        await within(10, "the host to leave", async () =>
            (await site.on("lb-0", STATES)).includes("web-1,DOWN"),
        );
        await within(10, "the host to leave the other one, too", async () =>
            (await site.on("lb-1", STATES)).includes("web-1,DOWN"),
        );
        for (let i = 0; i < 20; i++) expect((await fetchOnce(site.url, 3000)).status).toBe(200);
    } finally {
        await site.on("web-1", "systemctl unmask --runtime php8.2-fpm; systemctl start php8.2-fpm");
    }
    await within(10, "the host to be back", async () => !(await site.on("lb-0", STATES)).includes("DOWN"));
});
const STATES = "echo show stat | nc -U /run/haproxy/admin.sock | grep '^lb-http-80,web-' | cut -d, -f2,18";
