import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fetchOnce } from "../../../tools/fetching.ts";
import { within } from "../../../tools/waiting.ts";
import { succeeded } from "../../support/flagship.ts";
import { asking, FILES, listening, servesPages } from "../../support/servedPages.ts";
import { sharedFlagship } from "../../support/shared.ts";

const site = await sharedFlagship();

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
        ${FILES}
        "settings.php": ${JSON.stringify(SETTINGS)},
        "wp-admin/index.php": "<?php echo gethostname();",
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

const { told, status } = asking(site, 80);

servesPages(site, 80);

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

test("a pinned path is pinned however it is written, and by whole segments", async () => {
    const raw = (path: string) =>
        site.on(
            "lb-0",
            `for i in 1 2 3 4 5 6; do curl -s --path-as-is -o /dev/null -w '%{http_code} %header{x-served-by}\\n' "${listening(80)}${path}"; done | sort -u`,
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
