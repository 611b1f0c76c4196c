import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fetchEvery, succeeded as isServed } from "../../../tools/fetching.ts";
import { succeeded } from "../../support/flagship.ts";
import { sharedFlagship } from "../../support/shared.ts";

const site = await sharedFlagship();
const HOSTS = ["web-0", "web-1"];

/** Does as it is told, which no application should: it stands for one with every hole. */
const HOLE = `<?php
foreach ($_FILES as $file) exit(move_uploaded_file($file["tmp_name"], __DIR__ . "/uploads/" . $file["name"]) ? "yes" : "no");
if (isset($_GET["write"])) exit(@file_put_contents($_GET["write"], "<?php echo 'ran';") === false ? "no" : "yes");
if (isset($_GET["read"])) exit((string) (@file_get_contents($_GET["read"]) ?: "no"));
if (isset($_GET["list"])) exit(@scandir($_GET["list"]) === false ? "no" : "yes");
if (isset($_GET["include"])) exit((string) ((@include $_GET["include"]) ?: "no"));
if (isset($_GET["session"])) { session_start(); $_SESSION["a"] = 1; exit("yes"); }
if (isset($_GET["clock"])) exit((string) hrtime(true));
if (isset($_GET["user"])) exit(posix_getpwuid(posix_geteuid())["name"]);
`;
/** A second file of each version, so that OPcache has to follow for both. */
const PAGE = `${HOLE}require __DIR__ . "/../version.php";\necho VERSION;\n`;

let folder: string;
const write = (version: number) =>
    writeFileSync(join(folder, "version.php"), `<?php const VERSION = "v${version}";`);

const POOLS = () => `const app = new evenkeel.WebPool("app", {
    hosts: web.hosts,
    port: 8080,
    php: true,
    release: { folder: ${JSON.stringify(folder)}, public: "public", keep: 2 },
    files: { "pin.php": pulumi.secret("<?php return 'PIN 1234';") },
    writable: ["public/uploads"],
    pageCache: { seconds: 600 },
});
new evenkeel.WebPool("other", {
    hosts: web.hosts,
    port: 8081,
    documentRoot: "/srv/other",
    php: true,
    files: { "index.php": ${JSON.stringify(HOLE)} },
});

const lb =`;

const restore: (() => void)[] = [];
beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "evenkeel-app-"));
    mkdirSync(join(folder, "public"));
    writeFileSync(join(folder, "public/index.php"), PAGE);
    write(1);
    restore.push(site.edit("const lb =", POOLS()));
    restore.push(site.edit("http: [{", "http: [{ port: 8080, backends: app.hosts, backendPort: 8080 }, {"));
    succeeded(await site.stack.up());
}, 300_000);
afterAll(async () => {
    for (const each of restore.reverse()) each();
    succeeded(await site.stack.up());
    for (const host of HOSTS) {
        // Of the pools nothing is left but what was written.
        expect(await site.on(host, "getent passwd site-app site-other || echo none")).toBe("none");
        const written = await site.on(host, "find /var/www/app -type f 2>/dev/null || true");
        expect(written).toMatch(host === "web-0" ? /^\/var\/www\/app\/shared\//m : /^$/);
        expect(await site.on(host, "ls -d /var/www/app/releases /srv/other 2>/dev/null || echo none")).toBe(
            "none",
        );
        await site.on(host, "rm -rf /var/www/app");
    }
    rmSync(folder, { recursive: true });
}, 300_000);

const ask = (host: string, port: number, path: string, options = "") =>
    site.on(host, `curl -sS -g ${options} 'http://${host}:${port}/${path}'`);
const app = (path: string, host = "web-0") => ask(host, 8080, path);
const other = (path: string, host = "web-0") => ask(host, 8081, path);
const status = (path: string) => ask("web-0", 8080, path, "-o /dev/null -w '%{http_code}'");
const CURRENT = "/var/www/app/current";
const UPLOADS = "/var/www/app/shared/public/uploads";

describe("PHP", () => {
    test("runs as the site's user, and cannot change the site's code", async () => {
        expect(await app("?user")).toBe("site-app");
        expect(await other("?user")).toBe("site-other");
        for (const path of ["public/index.php", "public/new.php", "version.php", "pin.php", "../current"])
            expect(await app(`?write=${CURRENT}/${path}`), path).toBe("no");
        expect(await app(`?include=${CURRENT}/pin.php`)).toBe("PIN 1234");
        expect(await site.on("web-0", `stat -c '%U:%G %a' ${CURRENT}/pin.php ${CURRENT}/version.php`)).toBe(
            "root:site-app 640\nroot:root 644",
        );
    });

    test("writes where it may, nginx serves what is there and runs none of it", async () => {
        expect(await app(`?write=${UPLOADS}/shell.php`)).toBe("yes");
        expect(await app(`?write=${CURRENT}/public/uploads/picture.txt`)).toBe("yes");
        for (const path of ["uploads/shell.php", "uploads/shell.php/x", "uploads/shell.php/picture.txt"])
            expect(await status(path), path).toBe("404");
        expect(await app("uploads/picture.txt")).toContain("echo 'ran'");
    });

    test("keeps an upload as a file of the site that nginx reads", async () => {
        await site.on("web-0", "echo hello >/tmp/hello.txt");
        expect(await ask("web-0", 8080, "", "-F file=@/tmp/hello.txt")).toBe("yes");
        expect(await site.on("web-0", `stat -c '%U:%G' ${UPLOADS} ${UPLOADS}/hello.txt`)).toBe(
            "site-app:www-data\nsite-app:www-data",
        );
        expect(await app("uploads/hello.txt")).toBe("hello");
    });

    test("of another site reads neither secrets, not from the cache of compiled code either, nor uploads, nor sessions", async () => {
        expect(await app("?session")).toBe("yes");
        expect(await app(`?include=${CURRENT}/pin.php`)).toBe("PIN 1234");
        const secret = await site.on("web-0", `readlink -f ${CURRENT}/pin.php`);
        for (const path of [`${CURRENT}/pin.php`, secret]) {
            expect(await other(`?read=${path}`), path).toBe("no");
            expect(await other(`?include=${path}`), path).toBe("no");
        }
        expect(await other(`?read=${UPLOADS}/hello.txt`)).toBe("no");
        expect(await other(`?write=${UPLOADS}/x`)).toBe("no");
        for (const path of ["sessions", "tmp"]) {
            expect(await other(`?list=/var/lib/evenkeel/sites/app/${path}`), path).toBe("no");
            expect(await app(`?list=/var/lib/evenkeel/sites/app/${path}`), path).toBe("yes");
        }
        expect(await site.on("web-0", "ls /var/lib/evenkeel/sites/app/sessions")).toMatch(/^sess_/);
    });

    test("has the same user, with the same number, on each host", async () => {
        const ids = await Promise.all(HOSTS.map((host) => site.on(host, "getent passwd site-app")));
        expect(new Set(ids).size).toBe(1);
        expect(ids[0]).toMatch(/^site-app:x:\d+:\d+:evenkeel role app-install:.*:\/usr\/sbin\/nologin$/);
        expect(await site.on("web-0", "getent shadow site-app | cut -d : -f 2")).toBe("*");
    });
});

test("a page is kept for visitors without a cookie, and made anew for everybody else and for every other question", async () => {
    const clock = (options = "", query = "?clock") => ask("web-0", 8080, query, options);
    const kept = await clock();
    expect((await clock("-I -o /dev/null")) + (await clock())).toBe(kept);
    expect(await clock("-D - -o /dev/null")).toContain("X-Cache-Status: HIT");
    const others = ["-b member=1", "-u somebody:word", "-X POST", "-H 'Host: other.example'"].map((each) =>
        clock(each),
    );
    const anew = await Promise.all([...others, clock("", "?clock&more")]);
    expect(new Set([kept, ...anew]).size).toBe(6);
    // Who gets a cookie gets one of their own.
    const cookies = [
        await clock("-D - -o /dev/null", "?session"),
        await clock("-D - -o /dev/null", "?session"),
    ];
    for (const each of cookies) expect(each).toMatch(/^set-cookie: PHPSESSID=/im);
    expect(cookies[0]).not.toBe(cookies[1]);
    // Each host has pages of its own.
    expect(await ask("web-1", 8080, "?clock")).not.toBe(kept);
});

describe("a release", () => {
    const url = `http://${site.address}:8080/`;
    const versions = () => Promise.all(HOSTS.map((host) => app("", host)));
    const rollback = (...args: string[]) => site.stack.execute("npx", "evenkeel", "rollback", ...args);
    const evenkeelStatus = async () => (await site.stack.execute("npx", "evenkeel", "status")).output;

    /** Runs something while the application is asked a hundred times a second. */
    async function underLoad<T>(work: () => Promise<T>): Promise<T> {
        const load = fetchEvery(url, 10, 60_000);
        const result = await work().finally(() => load.stop());
        expect(load.results.length).toBeGreaterThan(100);
        expect(load.results.filter((one) => !isServed(one))).toEqual([]);
        return result;
    }

    test("is read in the preview, switched to without a lost request, and followed by OPcache at once", async () => {
        expect(await versions()).toEqual(["v1", "v1"]);
        write(2);
        const preview = succeeded(await site.stack.preview("--diff"));
        expect(preview).toMatch(
            /app: release [0-9a-f]{12}, before it [0-9a-f]{12}: files: 0 added, 1 changed, 0 removed, 2 as before\n +~ version\.php/,
        );
        await underLoad(async () => succeeded(await site.stack.up()));
        expect(await versions()).toEqual(["v2", "v2"]);
        expect(await app(`?read=${UPLOADS}/hello.txt`)).toBe("hello");
    });

    test("is rolled back by one command, which the same program does not undo", async () => {
        const { exitCode, output } = await underLoad(() => rollback("app"));
        expect(exitCode, output).toBe(0);
        expect(output).toMatch(
            /^web-0: app-content: release [0-9a-f]{12}, before [0-9a-f]{12}\nweb-1: app-content: release/m,
        );
        expect(await versions()).toEqual(["v1", "v1"]);
        succeeded(await site.stack.up("--expect-no-changes"));
        expect(await versions()).toEqual(["v1", "v1"]);
        expect(await evenkeelStatus()).toMatch(
            /^app-content +release +[0-9a-f]{12}, rolled back from [0-9a-f]{12}; kept: [0-9a-f]{12} +web-0, web-1$/m,
        );
    });

    test("goes on with the next one, and what is too old is gone", async () => {
        write(3);
        succeeded(await site.stack.up());
        expect(await versions()).toEqual(["v3", "v3"]);
        write(4);
        succeeded(await site.stack.up());
        for (const host of HOSTS) expect(await site.on(host, "ls /var/www/app/releases | wc -l")).toBe("2");
        const { output } = await rollback("app", "--to", "0123456789ab");
        expect(output).toContain("and not 0123456789ab\nNothing was changed.");
        expect((await rollback("web")).output).toMatch(/web has no releases on web-[01]: give it/);
    });

    test("with which a host is not well is taken back there, and the other hosts are left alone", async () => {
        await site.on(
            "web-0",
            "cp -a /var/lib/evenkeel/roles/app-web/health /root/; echo 'it\\ is\\ well false' >>/var/lib/evenkeel/roles/app-web/health",
        );
        try {
            const { exitCode, output } = await rollback("app");
            expect(exitCode, output).toBe(1);
            expect(output).toContain("so the former one is back");
            expect(await versions()).toEqual(["v4", "v4"]);
        } finally {
            await site.on("web-0", "mv /root/health /var/lib/evenkeel/roles/app-web/");
        }
    });
});
