import { describe, expect, test } from "vitest";
import { siteLayout } from "../../../src/web/site.ts";

const php = { php: true, writable: ["var/log", "public/up"] };

describe("where a site's files are", () => {
    test("without releases: all below the document root", () => {
        expect(siteLayout("shop", php)).toEqual({
            documentRoot: "/var/www/html",
            base: "/var/www/html",
            user: "site-shop",
            writable: ["/var/www/html/var/log", "/var/www/html/public/up"],
            written: ["var/log", "public/up"],
            keep: undefined,
        });
    });

    test("with releases: what is written is beside them, and what of it is served is below the public folder", () => {
        expect(siteLayout("shop", { ...php, release: { folder: "app", public: "public" } })).toEqual({
            documentRoot: "/var/www/shop/current/public",
            base: "/var/www/shop",
            current: "/var/www/shop/current",
            user: "site-shop",
            writable: ["/var/www/shop/shared/var/log", "/var/www/shop/shared/public/up"],
            written: ["up"],
            keep: 3,
        });
        expect(siteLayout("shop", { release: { folder: "app", keep: 9 } })).toMatchObject({
            documentRoot: "/var/www/shop/current",
            user: undefined,
            keep: 9,
        });
    });

    test("a long name's user is one that Debian takes, and another one's is another", () => {
        const names = ["a", "b"].map((end) => `${"long".repeat(9)}${end}`);
        const users = names.map((name) => siteLayout(name, { php: true }).user!);
        for (const user of users) expect(user).toMatch(/^site-[a-z0-9-]{1,27}$/);
        expect(new Set(users).size).toBe(2);
        expect(siteLayout("shop", { php: true, user: "www-data" }).user).toBe("www-data");
    });
});
