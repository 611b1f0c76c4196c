import { describe, expect, test } from "vitest";
import type { Flagship } from "./flagship.ts";

/** What reaches an application, and what it may send. */
const PAGE = `<?php
for ($i = 0; $i < (int) ($_GET["cookies"] ?? 0); $i++) header("Set-Cookie: a$i=" . str_repeat("x", 4000), false);
if (isset($_GET["sleep"])) sleep((int) $_GET["sleep"]);
if (isset($_GET["fail"])) http_response_code((int) $_GET["fail"]);
echo json_encode([
    "uri" => $_SERVER["REQUEST_URI"],
    "script" => $_SERVER["SCRIPT_NAME"],
    "path" => $_SERVER["PATH_INFO"],
    "address" => $_SERVER["REMOTE_ADDR"],
    "https" => $_SERVER["HTTPS"] ?? null,
    "scheme" => $_SERVER["REQUEST_SCHEME"],
    "user" => $_SERVER["PHP_AUTH_USER"] ?? null,
    "method" => $_SERVER["REQUEST_METHOD"],
    "size" => $_FILES["file"]["size"] ?? null,
]);
`;

/** Files of a pool with PHP, \`staticMaxAge: 3600\` and \`maxUpload: 5\`, as they stand in a program. */
export const FILES = `"index.php": ${JSON.stringify(PAGE)},
        "style.css": "a { color: red }\\n".repeat(200),
        "short.css": "a { color: red }",
        "notes.sql.gz": "rows",
        "index.php.bak": "<?php",
        "docs/index.html": "documents",`;

/** Where a balancer itself listens: no proxy is before it, and the reserved IP does not lead a balancer to itself. */
export const listening = (port: number) => `http://$(ss -Hltn 'sport = :${port}' | awk '{ print $4; exit }')`;

/** Requests to one of the site's ports. */
export function asking(site: Flagship, port: number) {
    const ask = (path: string, init: RequestInit = {}) =>
        fetch(`http://${site.address}:${port}/${path}`, { redirect: "manual", ...init });
    return {
        ask,
        told: async (path: string, init?: RequestInit) =>
            (await ask(path, init)).json() as Promise<Record<string, unknown>>,
        status: async (path: string, init?: RequestInit) => {
            const answer = await ask(path, init);
            await answer.arrayBuffer();
            return answer.status;
        },
    };
}

/** What holds of a pool of these files, whatever serves it. The listener trusts this machine as a proxy. */
export function servesPages(site: Flagship, port: number): void {
    const { ask, told, status } = asking(site, port);

    describe("what an application gets", () => {
        test("paths that are no file, and paths behind a file's", async () => {
            expect(await told("about?x=1")).toMatchObject({
                uri: "/about?x=1",
                script: "/index.php",
                path: "",
            });
            expect(await told("index.php/about")).toMatchObject({ script: "/index.php", path: "/about" });
            expect(await told("")).toMatchObject({ uri: "/", script: "/index.php", path: "" });
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
            expect(await status("?cookies=3")).toBe(200);
            expect(await status("", { headers: { cookie: `a=${"x".repeat(14_000)}` } })).toBe(200);
        });

        test("the visitor's address and scheme: from a proxy that is trusted, and from nobody else", async () => {
            const headers = { "x-forwarded-for": "198.51.100.7", "x-forwarded-proto": "https" };
            expect(await told("", { headers })).toMatchObject({ https: "on", scheme: "https" });
            const forged = await site.on(
                "lb-0",
                `curl -s -H 'X-Forwarded-For: 6.6.6.6' -H 'X-Forwarded-Proto: https' ${listening(port)}/`,
            );
            expect(JSON.parse(forged)).toMatchObject({ https: null, scheme: "http" });
            expect(JSON.parse(forged).address).not.toBe("6.6.6.6");
        });

        test("passwords and methods, as they were sent", async () => {
            const headers = { authorization: `Basic ${btoa("anna:secret")}` };
            expect(await told("", { headers })).toMatchObject({ user: "anna", method: "GET" });
            for (const method of ["OPTIONS", "PUT", "DELETE"])
                expect(await told("api/orders", { method })).toMatchObject({ user: null, method });
        });

        test("a redirect that is its own, whatever the visitor came by", async () => {
            const answer = await ask("docs");
            expect(answer.status).toBe(301);
            expect(answer.headers.get("location")).toBe("/docs/");
            expect(await (await ask("docs/")).text()).toBe("documents");
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

        test("who has a file asks again and gets a short answer of whichever host, packed or not", async () => {
            for (const encoding of ["gzip", "identity"]) {
                const asked = { "accept-encoding": encoding };
                const first = (await ask("style.css", { headers: asked })).headers;
                const headers = { ...asked, "if-none-match": first.get("etag")! };
                const again = await Promise.all([1, 2, 3, 4].map(() => ask("style.css", { headers })));
                const by = new Set(again.map((one) => one.headers.get("x-served-by")));
                expect([again.map((one) => one.status), by.size]).toEqual([[304, 304, 304, 304], 2]);
            }
        });
    });

    test.each([".env", "notes.sql.gz", "index.php.bak", "docs/.git/config", "x.php~"])(
        "%s is not served",
        async (path) => {
            expect(await status(path)).toBe(404);
        },
    );
}
