import { afterAll, beforeAll, expect, test } from "vitest";
import { fetchEvery, succeeded as isServed } from "../../../../tools/fetching.ts";
import { succeeded } from "../../../support/flagship.ts";
import { sharedFlagship } from "../../../support/shared.ts";

const site = await sharedFlagship();
const HOSTS = ["web-0", "web-1"];
const UPLOADS = "/srv/app/uploads/2026";

/** Reads a secret and writes an upload, or says that it cannot. */
const PAGE = `<?php
$fails = (@include __DIR__ . "/pin.php") !== 1234
    || (!is_dir(__DIR__ . "/uploads/2026") && !@mkdir(__DIR__ . "/uploads/2026"))
    || @file_put_contents(__DIR__ . "/uploads/2026/" . bin2hex(random_bytes(8)), "x") === false;
if ($fails) http_response_code(500);
echo posix_getpwuid(posix_geteuid())["name"];
`;
const pool = (user: string) => `const app = new evenkeel.WebPool("app", {
    hosts: web.hosts,
    port: 8080,
    documentRoot: "/srv/app",
    php: true,${user}
    files: { "index.php": ${JSON.stringify(PAGE)}, "pin.php": pulumi.secret("<?php return 1234;") },
    writable: ["uploads"],
});

const lb =`;
const AS_NGINX = '\n    user: "www-data",';

const restore: (() => void)[] = [];
beforeAll(async () => {
    restore.push(site.edit("const lb =", pool(AS_NGINX)));
    restore.push(site.edit("http: [{", "http: [{ port: 8080, backends: app.hosts, backendPort: 8080 }, {"));
    succeeded(await site.stack.up());
}, 300_000);
afterAll(async () => {
    for (const each of restore.reverse()) each();
    succeeded(await site.stack.up());
    for (const host of HOSTS) await site.on(host, "rm -rf /srv/app");
}, 300_000);

const user = (host: string) => site.on(host, `curl -sS http://${host}:8080/`);

test("PHP of nginx's user gets one of its own: no request is lost, no secret unread, no upload refused", async () => {
    const load = fetchEvery(`http://${site.address}:8080/`, 20, 60_000);
    restore.push(site.edit(AS_NGINX, ""));
    succeeded(await site.stack.up().finally(() => load.stop()));
    expect(load.results.length).toBeGreaterThan(100);
    expect(load.results.filter((one) => !isServed(one))).toEqual([]);
    for (const host of HOSTS) {
        expect(await user(host)).toBe("site-app");
        expect(await site.on(host, `find ${UPLOADS} ! -user site-app | wc -l`)).toBe("0");
        expect(await site.on(host, "stat -c '%U:%G %a' /srv/app/pin.php")).toBe("root:site-app 640");
    }
}, 300_000);

test("and nginx's again", async () => {
    restore.pop()!();
    succeeded(await site.stack.up());
    for (const host of HOSTS) {
        expect(await user(host)).toBe("www-data");
        expect(await site.on(host, `find ${UPLOADS} ! -user www-data | wc -l`)).toBe("0");
    }
}, 300_000);
