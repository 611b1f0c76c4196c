import { afterAll, beforeAll, expect, test } from "vitest";
import { within } from "../../../../tools/waiting.ts";
import { power } from "../../../faults/hosts.ts";
import { Editor } from "../../../support/editor.ts";
import { succeeded } from "../../../support/flagship.ts";
import { picture } from "../../../support/picture.ts";
import { failedUnits, troubledBoot } from "../../../support/troubledBoot.ts";
import { urnOfHost } from "../../../support/urns.ts";
import { deployWordPress, type WordPressSite } from "../../../support/wordPressSite.ts";

let site: WordPressSite;
beforeAll(async () => {
    site = await deployWordPress("test-two-balancers", "examples/two-balancers-one-database", {
        deletionProtection: "false",
        webHosts: "2",
    });
    console.log(`two balancers, one database: up in ${site.seconds} s`);
}, 900_000);
afterAll(async () => site?.remove());

const grants = async () =>
    (
        await site.on(
            "db-0",
            "mariadb -N -e \"SELECT host FROM mysql.user WHERE user = 'blog' ORDER BY host\"",
        )
    ).split("\n");
const address = (host: string) => site.on("db-0", `getent hosts ${host} | cut -d ' ' -f 1`);

test("what editors upload through one host the other one has, and each is let in by the database", async () => {
    const media = await site.editor.upload("first.png", picture());
    await site.haveMedia(["blog-0", "blog-1"], media.source_url);
    expect(await grants()).toEqual([await address("blog-0"), await address("blog-1")].sort());
});

test("a third host by changing a number, while visitors read: no page fails, and it has all that the others have", async () => {
    const { editor, stack, url } = site;
    const post = await editor.post("Crew wanted");
    const media = await editor.upload("second.png", picture());
    const path = post.link.slice(url.length);
    succeeded(await stack.pulumi("config", "set", "webHosts", "3"));
    const { pages, failed } = await site.whileRead(path, async () => succeeded(await stack.up()));
    console.log(`2 → 3 hosts: ${failed.length} of ${pages} pages failed`);
    expect(failed).toEqual([]);
    await site.haveMedia(["blog-2"], media.source_url);
    expect(await site.seenOn("blog-2", path)).toContain("Crew wanted");
    expect(await grants()).toHaveLength(3);
}, 400_000);

test("and two again: the third one's user is gone", async () => {
    succeeded(await site.stack.pulumi("config", "set", "webHosts", "2"));
    succeeded(await site.stack.up());
    expect(await grants()).toHaveLength(2);
    expect(await site.editor.isLoggedIn()).toBe(true);
}, 400_000);

test("the host with the database is away: pages say so with an error, and all is there when it is back", async () => {
    const { editor } = site;
    const post = await editor.post("Low tide");
    await power(site, "db-0", "off");
    expect((await new Editor(site.url).request("/")).status).toBeGreaterThanOrEqual(500);
    await power(site, "db-0", "on");
    const { ms } = await editor.insists(() => editor.page(post.link.slice(site.url.length)), 120);
    console.log(`one database off and on: the first page ${ms} ms after it has power`);
    expect(await editor.isLoggedIn()).toBe(true);
}, 300_000);

test("a host boots with its address late, while another program has its ports: it serves all the same", async () => {
    const { editor, cloud } = site;
    const end = await troubledBoot(cloud, "blog-1", ["tcp/22", "tcp/80", "tcp/3306"]);
    const { done: media } = await editor.insists(() => editor.upload("late.png", picture()));
    await end();
    await within(90, "the late host to serve", () =>
        site.seenOn("blog-1", "/wp-login.php").then(
            () => true,
            () => false,
        ),
    );
    await site.haveMedia(["blog-0", "blog-1"], media.source_url);
    expect(await failedUnits(cloud, "blog-1")).toBe("");
}, 300_000);

test("the first host is gone for good, and another one takes its place: with all media, and the next backup goes to it", async () => {
    const { editor, stack, api } = site;
    const post = await editor.post("Man overboard");
    const { droplets } = (await api("GET", "/v2/droplets")) as { droplets: { id: number; name: string }[] };
    await api("DELETE", `/v2/droplets/${droplets.find(({ name }) => name === "blog-0")!.id}`);
    const { done: media, ms } = await editor.insists(() => editor.upload("alone.png", picture()));
    console.log(`the first host gone for good: an upload ${ms} ms`);
    succeeded(await stack.up("--replace", await urnOfHost(stack, "blog-0")));
    await site.haveMedia(["blog-0", "blog-1"], media.source_url);
    expect(await site.seenOn("blog-0", post.link.slice(site.url.length))).toContain("Man overboard");
    expect(await editor.isLoggedIn()).toBe(true);
    expect(await grants()).toEqual([await address("blog-0"), await address("blog-1")].sort());
    await site.on("db-0", "systemctl start evenkeel-backup@backups");
    expect(await site.on("blog-0", "find /srv/backups -type f | wc -l")).not.toBe("0");
    succeeded(await stack.up("--expect-no-changes"));
}, 400_000);
