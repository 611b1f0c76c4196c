import * as pulumi from "@pulumi/pulumi";
import { afterEach, describe, expect, test } from "vitest";
import { accountNumber } from "../../src/hosts/accounts.ts";
import { Database, FileSync, type Host, WebPool, type WebPoolArgs } from "../../src/index.ts";
import { type GraphResource, graphOf } from "../support/graph.ts";
import { endpoint, hosts } from "../support/refusals.ts";

afterEach(async () => pulumi.runtime.disconnect());

const [a, b] = hosts("a", "b") as [Host, Host];
const text = (graph: GraphResource[], name: string) =>
    String(graph.find((each) => each.name === name)?.inputs.create);
const release = { folder: "examples/flagship", public: "pages" };
const poolOf = (args: Partial<WebPoolArgs>) => graphOf(() => new WebPool("shop", { hosts: [a, b], ...args }));

async function refusal(program: () => unknown): Promise<string> {
    return graphOf(program).then(
        () => "",
        (error: { errors?: { propertyPath: string; reason: string }[] }) =>
            (error.errors ?? []).map(({ propertyPath, reason }) => `${propertyPath}: ${reason}`).join("\n"),
    );
}

describe("a site's user", () => {
    test("is there before any file is for it, and goes after all of them: it belongs to what installs", async () => {
        const graph = await poolOf({ php: true, files: { "index.php": "" }, phpExtensions: ["gd"] });
        const install = text(graph, "shop-a-install");
        expect(install).toContain(
            `\naccount --number ${accountNumber("site-shop")} site-shop /var/lib/evenkeel/sites/shop\napply`,
        );
        expect(install).toMatch(/^packages .*\bphp-gd\b/m);
        expect(graph.find(({ name }) => name === "shop-a-content")!.dependencies).toContain("shop-a-install");
        expect(text(graph, "shop-a-web")).toContain("\nuser = site-shop\n");
        expect(text(graph, "shop-a-web")).not.toContain("user = www-data\n");
    });

    test("may be nginx's, as it was", async () => {
        const graph = await poolOf({ php: true, user: "www-data" });
        expect(text(graph, "shop-a-install")).not.toMatch(/^account/m);
        expect(text(graph, "shop-a-web")).toContain("\nuser = www-data\n");
    });

    test("is another one's for each of several sites of the same hosts, with a port and a folder each", async () => {
        const program = (user: string) => () => {
            const shop = new WebPool("shop", { hosts: [a, b], php: true });
            const blog = { hosts: shop.hosts, php: true, port: 8080, documentRoot: "/srv/blog" };
            new WebPool("blog", { ...blog, ...(user ? { user } : {}) });
        };
        const graph = await graphOf(program(""));
        expect(text(graph, "shop-a-web")).toContain("user = site-shop\nlisten = /run/php/evenkeel-shop.sock");
        expect(text(graph, "blog-a-web")).toContain("user = site-blog\nlisten = /run/php/evenkeel-blog.sock");
        expect(await refusal(program("site-shop"))).toContain(
            'user: the user site-shop on the host "a" belongs to WebPool "shop"',
        );
    });

    test("has the same number wherever it is made, in a range that is free", () => {
        expect(accountNumber("site-shop")).toBe(accountNumber("site-shop"));
        for (const user of ["site-shop", "site-blog", "x"]) {
            expect(accountNumber(user)).toBeGreaterThanOrEqual(20_000);
            expect(accountNumber(user)).toBeLessThan(50_000);
        }
    });

    test("is who a sync of its folders is for", async () => {
        const sync = (path: string) => async () => {
            const graph = await graphOf(() => {
                const web = new WebPool("shop", { hosts: [a, b], php: true, writable: ["uploads"] });
                new FileSync("files", { mode: "twoWay", hosts: web.hosts, path });
            });
            return /"group": "([^"]+)"/.exec(text(graph, "files-a-sync"))![1];
        };
        expect(await sync("/var/www/html/uploads")()).toBe("site-shop");
        expect(await sync("/var/www/html/uploads/2026")()).toBe("site-shop");
        expect(await sync("/var/www/html/uploads2")()).toBe("www-data");
    });

    test("reads a database's option file: www-data is refused, as PHP is not of it any more", async () => {
        const program = (group: string | undefined) => () => {
            const web = new WebPool("shop", { hosts: [a, b], php: true });
            const servers = hosts("c");
            const members = { endpoint: endpoint("c"), servers };
            new Database("orders", { ...members, clients: web.hosts, group: group ?? web.user! });
        };
        expect(await refusal(program("www-data"))).toBe(
            'group: PHP of WebPool "shop" runs as site-shop, which is not of www-data: give that pool\'s `user`',
        );
        expect(await refusal(program(undefined))).toBe("");
        expect(await refusal(program("backup"))).toBe("");
    });
});

describe("a release", () => {
    test("is a folder of its own, of which a link is served; the text tells which", async () => {
        const graph = await poolOf({ release, php: true, writable: ["pages/up", "log"] });
        const content = text(graph, "shop-a-content");
        expect(content).toMatch(/^content \/var\/www\/shop\/releases\/[0-9a-f]{12}$/m);
        expect(content).toContain("reports release /usr/local/lib/evenkeel/content release shop-content a");
        const web = text(graph, "shop-a-web");
        expect(web).toContain("root /var/www/shop/current/pages;");
        expect(web).toContain("location ~* ^/up/");
        expect(web).toContain("$realpath_root");
        expect(web).toContain('"/var/www/shop/shared/pages/up",\n    "/var/www/shop/shared/log"');
    });

    test("is the same one in each run, and another one when a file is", async () => {
        const id = async (args: Partial<WebPoolArgs>) =>
            /releases\/(\w+)/.exec(text(await poolOf({ release, ...args }), "shop-a-content"))![1];
        const one = await id({});
        expect(await id({})).toBe(one);
        expect(await id({ files: { "more.txt": "x" } })).not.toBe(one);
        // A secret does not tell on itself: it is swapped within its release.
        const secret = (value: string) => id({ files: { "pin.php": pulumi.secret(value) } });
        expect(await secret("1234")).toBe(await secret("4321"));
    });

    test("leaves a place beside it for a sync, and none around it", async () => {
        const program = (path: string) => () => {
            const web = new WebPool("shop", { hosts: [a, b], release, php: true, writable: ["up"] });
            new FileSync("files", { mode: "twoWay", hosts: web.hosts, path });
        };
        expect(await refusal(program("/var/www/shop/shared/up"))).toBe("");
        expect(await refusal(program("/var/www/shop"))).toContain(
            'path: /var/www/shop/current on the host "a" belongs to WebPool "shop"',
        );
    });

    test("is known before anything is made, and what it is made from is no place of this machine", async () => {
        const archive = {
            archive: `${process.cwd()}/test/recorded/release.tar.gz`,
            sha256: "234cdbc3be12f978fdb26cc5e08be2bddc49f25bed3fb8dd35e7d6db7331f2d2",
        };
        const graph = await graphOf(() => new WebPool("shop", { hosts: [a], release: archive }), {
            preview: true,
        });
        expect(text(graph, "shop-a-content")).toMatch(/^# 1 files, 18 B beside these/m);
        expect(graph.find(({ name }) => name === "shop")!.inputs.release).toEqual({
            ...archive,
            archive: "test/recorded/release.tar.gz",
        });
    });
});

describe("a site's engine", () => {
    test("is Apache where that is asked for, and nginx beside it for another site", async () => {
        const graph = await graphOf(() => {
            const shop = new WebPool("shop", {
                hosts: [a, b],
                engine: "apache",
                apacheModules: ["status"],
                php: true,
            });
            new WebPool("blog", { hosts: shop.hosts, port: 8080, documentRoot: "/srv/blog" });
        });
        expect(text(graph, "shop-a-install")).toMatch(/^packages apache2 (?!.*nginx)/m);
        expect(text(graph, "shop-a-install")).toContain("/usr/local/lib/evenkeel/apache-package\n");
        const role = text(graph, "shop-a-web");
        expect(role).toMatch(/^alternatives apache2 nginx$/m);
        expect(role).toMatch(/^service apache2 reload$/m);
        expect(role).toMatch(/^check \S+shop.conf apache2ctl configtest$/m);
        expect(role).toContain("Include mods-available/status.load");
        expect(role).not.toMatch(/nginx.conf|service nginx/);
        expect(text(graph, "blog-a-web")).toMatch(/^service nginx reload$/m);
        expect(text(graph, "blog-a-web")).not.toMatch(/apache|alternatives/);
    });
});
