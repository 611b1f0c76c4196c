import { afterAll, beforeAll, expect, test } from "vitest";
import { within } from "../../../tools/waiting.ts";
import { succeeded } from "../../support/flagship.ts";
import { sharedFlagship } from "../../support/shared.ts";

const site = await sharedFlagship();

const [ONE, OTHER] = ["web-0", "web-1"];
const SYNCS = `new evenkeel.FileSync("pages", {
    mode: "oneWay",
    path: "/srv/pages",
    source: web.hosts[0]!,
    targets: [web.hosts[1]!],
});
new evenkeel.FileSync("uploads", { mode: "twoWay", path: "/srv/uploads", hosts: web.hosts });

export const url = `;

let restore = () => {};
beforeAll(async () => {
    restore = site.edit("export const url = ", SYNCS);
    await site.on(ONE, "mkdir -p /srv/pages && echo first >/srv/pages/old.html");
    succeeded(await site.stack.up());
}, 600_000);

/** A file comes to a host, with this content; without one it goes. */
const comes = (host: string, path: string, content: string | undefined) =>
    within(20, `${path} on ${host} to be ${content ?? "gone"}`, async () => {
        const found = await site.on(host, `cat ${path} 2>/dev/null || echo gone`);
        return found === (content ?? "gone");
    });

test("one way: what was there before, what is written and what is removed at the source", async () => {
    expect(await site.on(OTHER, "cat /srv/pages/old.html")).toBe("first");
    await site.on(ONE, "cd /srv/pages && mkdir 'a b' && echo new >'a b/é.html' && rm old.html");
    await comes(OTHER, "'/srv/pages/a b/é.html'", "new");
    await comes(OTHER, "/srv/pages/old.html", undefined);
});

test("two ways: each host's application writes, changes and removes, and both have it", async () => {
    const application = (host: string, command: string) =>
        site.on(host, `runuser -u www-data -- sh -c 'cd /srv/uploads && ${command}'`);
    await application(ONE, "echo one >one");
    await application(OTHER, "echo other >other");
    await comes(OTHER, "/srv/uploads/one", "one");
    await comes(ONE, "/srv/uploads/other", "other");
    await application(OTHER, "echo more >>one; rm other");
    await comes(ONE, "/srv/uploads/one", "one\nmore");
    await comes(ONE, "/srv/uploads/other", undefined);
});

test("the status is well, with what each sync did last", async () => {
    const status = async () => (await site.stack.execute("npx", "evenkeel", "status")).output;
    await within(60, "all to be well", async () => !(await status()).includes("not well"));
    expect(await status()).toMatch(/^pages-sync +targets +.*web-1.* web-0$/m);
});

afterAll(async () => {
    restore();
    succeeded(await site.stack.up());
    for (const host of [ONE, OTHER]) {
        const left =
            "ls -d /etc/evenkeel/sync* /run/evenkeel-sync* /srv/*/.evenkeel-sync /etc/systemd/system/*sync-* 2>/dev/null";
        expect(await site.on(host, `getent passwd | grep sync-; ${left}; true`), host).toBe("");
        await site.on(host, "rm -r /srv/pages /srv/uploads");
    }
}, 300_000);
