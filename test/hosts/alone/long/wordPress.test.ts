import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { within } from "../../../../tools/waiting.ts";
import { power } from "../../../faults/hosts.ts";
import { browserFor } from "../../../support/browser.ts";
import { certificate, certificateKey } from "../../../support/certificate.ts";
import type { MemberState } from "../../../support/databases.ts";
import { Editor } from "../../../support/editor.ts";
import { EditorInBrowser } from "../../../support/editorInBrowser.ts";
import { editFile, succeeded } from "../../../support/flagship.ts";
import { picture } from "../../../support/picture.ts";
import { upgraded } from "../../../support/wordPressCore.ts";
import { deployWordPress, type WordPressSite } from "../../../support/wordPressSite.ts";

const NAME = "blog.example.com";
const NODES = ["node-0", "node-1", "node-2"];
let site: WordPressSite;
beforeAll(async () => {
    site = await deployWordPress("test-wordpress", "examples/three-servers-wordpress", {
        deletionProtection: "false",
    });
    console.log(`WordPress on three servers: up in ${site.seconds} s`);
}, 900_000);
afterAll(async () => site?.remove());

/** Serves pages, and has all rows. */
async function isWhole(node: string): Promise<boolean> {
    const told = await site.on(node, "galera-member status").catch(() => "{}");
    const states = JSON.parse(told) as Record<string, MemberState | null>;
    const serves = await site.seenOn(node, "/wp-login.php").then(
        () => true,
        () => false,
    );
    return serves && states[node]?.state === 4;
}

test("a second `up` has nothing to do", async () => {
    succeeded(await site.stack.up("--expect-no-changes"));
});

test("a post, a picture and a visitor's comment are seen from every host", async () => {
    const post = await site.editor.post("Trade winds");
    const media = await site.editor.upload("harbour.png", picture());
    await new Editor(site.url).comment(post.id, "mate", "Fair winds to you");
    const path = post.link.slice(site.url.length);
    expect(path).toMatch(/^\/\d{4}\/\d\d\/\d\d\/trade-winds\/$/);
    for (const node of NODES) expect(await site.seenOn(node, path)).toContain("Trade winds");
    await site.haveMedia(NODES, media.source_url);
    expect(await site.editor.page("/wp-admin/edit-comments.php")).toContain("Fair winds to you");
});

test("nobody changes plugins or settings by hand, and what is uploaded is never run", async () => {
    expect((await site.editor.request("/wp-admin/plugin-install.php")).status).not.toBe(200);
    for (const node of NODES) {
        const uploads = "/var/www/blog/shared/wordpress/wp-content/uploads";
        const script = `${uploads}/x-${node}.php`;
        await site.on(node, `runuser -u site-blog -- sh -c 'echo "<?php echo 6 * 7;" >${script}'`);
        await expect(site.seenOn(node, `/wp-content/uploads/x-${node}.php`)).rejects.toThrow(/404/);
        await site.on(node, `rm ${script}`);
        for (const path of ["wordpress/wp-content/plugins/x.php", "wordpress/x.php", "wp-config.php"])
            await expect(
                site.on(node, `runuser -u site-blog -- touch /var/www/blog/current/${path}`),
            ).rejects.toThrow();
    }
});

test.each(NODES)(
    "%s loses its power while an editor works: every post and picture is there afterwards",
    async (node) => {
        const { editor } = site;
        const titles: Record<string, string> = {};
        let longest = 0;
        const works = async (i: number) => {
            const title = `Log of ${node}, page ${i}`;
            const { done, ms } = await editor.insists(() => editor.post(title));
            longest = Math.max(longest, ms);
            titles[done.link] = title;
        };
        for (let i = 0; i < 3; i++) await works(i);
        await power(site, node, "off");
        for (let i = 3; i < 10; i++) await works(i);
        const { done: media, ms } = await editor.insists(() => editor.upload(`${node}.png`, picture()));
        expect(await editor.isLoggedIn()).toBe(true);
        await power(site, node, "on");
        await within(180, `${node} to be whole`, () => isWhole(node));
        console.log(`without ${node}: an editor's longest wait ${longest} ms, an upload ${ms} ms`);
        const visitor = new Editor(site.url);
        for (const [link, title] of Object.entries(titles))
            expect(await visitor.page(link.slice(site.url.length))).toContain(title);
        await site.haveMedia(NODES, media.source_url);
    },
    400_000,
);

test("all hosts lose their power and boot again: the editor is logged in still, and nothing is lost", async () => {
    const { editor } = site;
    const post = await editor.post("Before the storm");
    await Promise.all(NODES.map((node) => power(site, node, "off")));
    await Promise.all(NODES.map((node) => power(site, node, "on")));
    const { ms } = await editor.insists(() => editor.page(post.link.slice(site.url.length)), 180);
    console.log(`all hosts off and on: the first page after ${ms} ms`);
    expect(await editor.isLoggedIn()).toBe(true);
    await editor.insists(() => editor.post("After the storm"));
}, 400_000);

test("what has been read is kept for all hosts; a cache that is killed or hangs is done without, and tells nothing old afterwards", async () => {
    const { editor } = site;
    const CACHE = "node-1";
    const hits = async () => {
        const stats = (node: string) =>
            site.on(
                node,
                `bash -c "exec 3<>/dev/tcp/${node}/11211; printf 'stats\\r\\nquit\\r\\n' >&3; cat <&3"`,
            );
        const all = await Promise.all(NODES.map(stats));
        return all.reduce((sum, each) => sum + Number(/get_hits (\d+)/.exec(each)![1]), 0);
    };
    /** Reads a page of each host ten times; gives the longest time. */
    const longest = async () => {
        let most = 0;
        for (let i = 0; i < 10; i++)
            for (const node of NODES) {
                const began = performance.now();
                await site.seenOn(node, "/");
                most = Math.max(most, performance.now() - began);
            }
        return Math.round(most);
    };
    /** Visitors have it used again. */
    const isInUse = async () => {
        await longest();
        const row = "SELECT option_value FROM blog.wp_options WHERE option_name = 'evenkeel_object_cache'";
        return (await site.on("node-0", `mariadb -N -e "${row}"`)).match(/epoch/g)?.length === NODES.length;
    };
    await longest();
    const before = await hits();
    const usual = await longest();
    expect((await hits()) - before).toBeGreaterThan(100);
    await site.on(CACHE, "systemctl kill -s KILL memcached");
    const killed = await longest();
    await within(60, "the killed cache to be in use", isInUse);
    await site.on(CACHE, "systemctl kill -s STOP memcached");
    const frozen = await longest();
    await editor.rename("Sailing notes, second volume");
    for (const node of NODES) expect(await site.seenOn(node, "/")).toContain("second volume");
    await editor.rename("Sailing notes");
    await site.on(CACHE, "systemctl kill -s CONT memcached");
    await within(60, "the frozen cache to be in use", isInUse);
    for (const node of NODES) expect(await site.seenOn(node, "/")).not.toContain("second volume");
    console.log(`longest page: ${usual} ms, cache killed ${killed} ms, frozen ${frozen} ms`);
    expect(Math.max(killed, frozen)).toBeLessThan(1500 + usual);
}, 300_000);

test("programs of WordPress' own run on every host as it does itself", async () => {
    const program = `require "wordpress/wp-load.php"; echo get_option("blogname"), " ", posix_getpwuid(posix_geteuid())["name"];`;
    for (const node of NODES)
        expect(await site.on(node, `web-app blog-app run php -r '${program}'`)).toBe(
            "Sailing notes site-blog",
        );
});

test("its cron is run, by one host a minute", async () => {
    const row = () =>
        site.on("node-0", "mariadb -N -e \"SELECT status FROM blog.evenkeel_jobs WHERE job = 'cron'\"");
    await within(130, "a run of its cron that went well", async () => (await row()) === "0");
});

test("a later WordPress comes while visitors read and an editor writes: no page fails, and its tables are changed once", async () => {
    const { editor, stack } = site;
    const tables = () =>
        site.on(
            "node-0",
            "mariadb -N -e \"SELECT option_value FROM blog.wp_options WHERE option_name = 'db_version'\"",
        );
    const later = await upgraded(join(stack.folder, "wordpress.tar.gz"));
    expect(Number(await tables())).toBe(later.tables - 1);
    const post = await editor.post("Before the refit");
    const links: string[] = [];
    succeeded(await stack.pulumi("config", "set", "sha256", later.sha256));
    const { pages, failed } = await site.whileRead(post.link.slice(site.url.length), async () => {
        const up = stack.up();
        let isOver = false;
        void up.finally(() => (isOver = true));
        for (let i = 0; !isOver; i++) links.push((await editor.post(`During the refit, day ${i}`)).link);
        succeeded(await up);
    });
    console.log(
        `WordPress upgraded: ${failed.length} of ${pages} pages failed, ${links.length} posts were written`,
    );
    expect(failed).toEqual([]);
    expect(Number(await tables())).toBe(later.tables);
    expect((await editor.request("/wp-admin/index.php")).status).toBe(200);
    for (const node of NODES) for (const link of links) await site.seenOn(node, link.slice(site.url.length));
    succeeded(await stack.up("--expect-no-changes"));
}, 600_000);

test("over HTTPS an editor works in a real browser: block editor, upload, media library; a visitor sees it all, as a page that is kept", async () => {
    const program = join(site.stack.folder, "index.ts");
    const tls = `tls: { certificates: [{ certificate: ${JSON.stringify(certificate)}, privateKey: ${JSON.stringify(certificateKey)} }] }`;
    const listener = /http: (\[\{ backends: .*\}\]),/;
    editFile(
        program,
        listener,
        `http: [{ port: 443, ${tls}, backends: blog.hosts, stickiness: { by: "cookie" } }],`,
    );
    editFile(program, "phpWorkers: 4,", "phpWorkers: 4,\n    pageCache: { seconds: 5 },");
    succeeded(await site.stack.pulumi("config", "set", "url", `https://${NAME}`));
    succeeded(await site.stack.up());
    const { address, adminPassword } = (await site.stack.outputs()) as Record<string, string>;
    const browser = await browserFor(NAME, address!);
    try {
        const editor = await EditorInBrowser.open(browser, `https://${NAME}`);
        await editor.login("captain", adminPassword!);
        const link = await editor.writes("Under full sail", "Written in a browser, block by block.");
        expect(link).toMatch(/^https:\/\/blog\.example\.com\/.*under-full-sail\/$/);
        expect(await editor.uploads("anchor.png")).toContain("anchor");
        expect(editor.problems).toEqual([]);
        const visitor = await browser.newPage({ ignoreHTTPSErrors: true });
        await visitor.goto(link);
        expect(await visitor.textContent("h1")).toBe("Under full sail");
        expect(await visitor.textContent("article, main")).toContain("block by block");
        const widths = await visitor.evaluate<number[]>(
            `[...document.querySelectorAll('img[src*="/wp-content/uploads/"]')].map((image) => image.naturalWidth)`,
        );
        expect(widths).toHaveLength(2);
        for (const width of widths) expect(width).toBeGreaterThan(0);
    } finally {
        await browser.close();
    }
    const asked = (cookie = "") =>
        site.on(
            "node-0",
            `curl -sS -D - -o /dev/null -H 'Host: ${NAME}' -H 'X-Forwarded-Proto: https' ${cookie} http://node-0/`,
        );
    await asked();
    expect(await asked()).toMatch(/^HTTP\/1.1 200 [\s\S]*X-Cache-Status: HIT/);
    for (const cookie of ["wordpress_logged_in_1=a", "comment_author_1=mate"])
        expect(await asked(`-b ${cookie}`)).toContain("X-Cache-Status: BYPASS");
}, 600_000);
