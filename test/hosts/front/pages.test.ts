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
/** What PHP goes by; an application may want more memory than it gets. */
const SETTINGS = `<?php
if (isset($_GET["megabytes"])) exit((string) strlen(str_repeat("x", (int) $_GET["megabytes"] << 20)));
echo json_encode([
    "raised" => ini_set("memory_limit", "512M"),
    "memory" => ini_get("memory_limit"),
    "timezone" => date_default_timezone_get(),
    "variables" => ini_get("max_input_vars"),
    "shown" => (bool) ini_get("display_errors"),
    "opcache" => opcache_get_status(false) ? opcache_get_configuration()["directives"] : null,
]);
`;
const POOL = `php: true,
    phpSettings: { "date.timezone": "Europe/Berlin", max_input_vars: 4321, display_errors: false },
    staticMaxAge: 3600,
    maxUpload: 5,
    files: {
        "index.php": ${JSON.stringify(PAGE)},
        "settings.php": ${JSON.stringify(SETTINGS)},
        "style.css": "a { color: red }\\n".repeat(200),
        "short.css": "a { color: red }",
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

describe("PHP is sized for a host of 1 GB", () => {
    test("settings, and none that an application raises", async () => {
        const { opcache, ...settings } = await told("settings.php");
        expect(settings).toEqual({
            raised: false,
            memory: "128M",
            timezone: "Europe/Berlin",
            variables: "4321",
            shown: false,
        });
        const compiled = opcache as Record<string, number>;
        // PHP's own 128 MB would be an eighth of the host.
        expect(compiled["opcache.memory_consumption"]! / 2 ** 20).toBeGreaterThan(60);
        expect(compiled["opcache.memory_consumption"]! / 2 ** 20).toBeLessThan(90);
        expect(compiled["opcache.max_accelerated_files"]).toBe(20_000);
    });

    test("a request that wants more memory ends, and no other", async () => {
        expect(await status("settings.php?megabytes=100")).toBe(200);
        expect(await status("settings.php?megabytes=200")).toBe(500);
        expect(await status("settings.php?megabytes=100")).toBe(200);
    });

    test("eight requests at once, and more in turn", async () => {
        const found = await site.on(
            "web-0",
            `for i in $(seq 12); do
                curl -s -m 20 -o /dev/null -w '%{http_code}\n' 'http://web-0/?sleep=3' & sleep 0.1
            done
            sleep 1; echo "$(pgrep -cf 'php-fpm: pool evenkeel-web *$') processes"; wait`,
        );
        expect(found.split("\n").toSorted()).toEqual([
            ...Array.from({ length: 12 }, () => "200"),
            "8 processes",
        ]);
    });
});

describe("what visitors may keep, and what is packed", () => {
    const headers = async (path: string, init?: RequestInit) => {
        const answer = await ask(path, init);
        await answer.arrayBuffer();
        const of = (name: string) => answer.headers.get(name);
        return { kept: of("cache-control"), packed: of("content-encoding"), vary: of("vary") };
    };
    const packed = { packed: "gzip", vary: "Accept-Encoding" };

    test("static files, for as long as the pool says; not what PHP answers", async () => {
        expect(await headers("style.css")).toMatchObject({ kept: "max-age=3600" });
        for (const path of ["", "about", "missing.css", "docs/"])
            expect(await headers(path), path).toMatchObject({ kept: null });
    });

    test("styles are packed for who takes it, through a proxy that says so, too", async () => {
        expect(await headers("style.css")).toMatchObject(packed);
        expect(await headers("style.css", { headers: { via: "1.1 cdn" } })).toMatchObject(packed);
        expect(await headers("style.css", { headers: { "accept-encoding": "identity" } })).toMatchObject({
            packed: null,
            vary: "Accept-Encoding",
        });
        expect(await headers("short.css")).toMatchObject({ packed: null });
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
