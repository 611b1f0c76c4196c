import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { within } from "../../../../tools/waiting.ts";
import { succeeded } from "../../../support/flagship.ts";
import { sharedFlagship } from "../../../support/shared.ts";

const site = await sharedFlagship();

const HOSTS = ["web-0", "web-1", "lb-1"];
/** One sync of each mode, each of three hosts: two of them are a pool's, one is another component's. */
const SYNCS = `const balancer = lb.hosts[1]!;
new evenkeel.FileSync("pages", {
    mode: "oneWay",
    path: "/srv/pages",
    source: web.hosts[0]!,
    targets: [web.hosts[1]!, balancer],
    exclude: ["*.part", "/cache"],
    maxDelete: 20,
});
new evenkeel.FileSync("reports", {
    mode: "periodic",
    path: "/srv/reports",
    source: web.hosts[0]!,
    targets: [web.hosts[1]!, balancer],
    every: "5s",
    readOnly: true,
});
new evenkeel.FileSync("uploads", {
    mode: "twoWay",
    path: "/srv/uploads",
    hosts: [...web.hosts, balancer],
    exclude: ["*.part"],
});

export const url = `;

let restore = () => {};
beforeAll(async () => {
    restore = site.edit("export const url = ", SYNCS);
    // What is there before is the first copy.
    await site.on("web-0", "mkdir -p /srv/pages/old && echo first >/srv/pages/old/page.html");
    succeeded(await site.stack.up());
}, 600_000);

/** What all of these hosts have in a folder: every name with its kind, mode's right of the group, and content. */
// What lost a conflict stays on its host.
const LISTING = `find . -mindepth 1 ! -name .evenkeel-sync ! -name '*.part' ! -name '*(conflict*_on_*' ! -path './cache*' -printf '%y %p %l\\n' | LC_ALL=C sort;
find . -type f ! -name .evenkeel-sync ! -name '*.part' ! -name '*(conflict*_on_*' ! -path './cache*' -print0 | LC_ALL=C sort -z | xargs -0r sha256sum | sha256sum`;
const tree = (host: string, folder: string) => site.on(host, `cd ${folder} && ${LISTING}`);

async function areEqual(folder: string, hosts = HOSTS): Promise<boolean> {
    const trees = await Promise.all(hosts.map((host) => tree(host, folder)));
    return new Set(trees).size === 1;
}
const equal = (folder: string, hosts = HOSTS, seconds = 20) =>
    within(seconds, `${folder} to be the same on ${hosts.join(", ")}`, () => areEqual(folder, hosts));
const has = (host: string, path: string, seconds = 20) =>
    within(
        seconds,
        `${path} on ${host}`,
        async () => (await site.on(host, `[ -e ${path} ] && echo yes || true`)) === "yes",
    );
const lacks = (host: string, path: string, seconds = 20) =>
    within(
        seconds,
        `${path} to go from ${host}`,
        async () => (await site.on(host, `[ -e ${path} ] || echo gone`)) === "gone",
    );

describe("one way", () => {
    test("what was there before up is the first copy, and a second up has nothing to do", async () => {
        for (const host of HOSTS) expect(await site.on(host, "cat /srv/pages/old/page.html")).toBe("first");
        expect(succeeded(await site.stack.up("--expect-no-changes"))).toContain("unchanged");
    });

    test("files, folders, names that break tools, moves and deletions", async () => {
        await site.on(
            "web-0",
            `cd /srv/pages && mkdir -p 'a b/c' && echo x >'a b/c/é' && echo x >-dash && printf x >$'new\\nline' &&
            printf x >$'\\xff\\xfe' && echo x >'[a]*?\\\\' && ln -s /etc/passwd out && ln -s old in && echo no >x.part && mkdir cache && echo no >cache/x`,
        );
        await equal("/srv/pages");
        await site.on("web-0", "cd /srv/pages && mv 'a b' moved && rm ./-dash");
        await equal("/srv/pages");
        for (const host of HOSTS.slice(1)) {
            expect(await site.on(host, "ls /srv/pages")).not.toMatch(/cache|part/);
            expect(await site.on(host, "readlink /srv/pages/out")).toBe("/etc/passwd");
        }
    });

    test("a target that is away holds up no other, and catches up", async () => {
        await site.on("lb-1", "systemctl stop evenkeel-sync-pages.socket");
        await site.on("web-0", "echo new >/srv/pages/new.html");
        await has("web-1", "/srv/pages/new.html");
        await site.on("lb-1", "systemctl start evenkeel-sync-pages.socket");
        await equal("/srv/pages", HOSTS, 60);
    });

    test("an empty mount in the source's place deletes nothing, and is told", async () => {
        await site.on("web-0", "mount -t tmpfs none /srv/pages && touch /srv/pages/lonely");
        try {
            await within(30, "the status to tell of it", async () =>
                (await status()).includes("/srv/pages on web-0 has no .evenkeel-sync"),
            );
            expect(await site.on("web-1", "cat /srv/pages/old/page.html")).toBe("first");
        } finally {
            await site.on("web-0", "umount /srv/pages");
        }
        await site.on("web-0", "systemctl restart evenkeel-sync-pages; echo again >/srv/pages/again.html");
        await equal("/srv/pages");
    });

    test("more deletions than one run may make are held back, and told", async () => {
        await site.on("web-0", "cd /srv/pages && mkdir many && touch many/{1..40}");
        await equal("/srv/pages");
        await site.on("web-0", "rm -r /srv/pages/many");
        await within(30, "the status to tell of it", async () => /maxDelete/.test(await status()));
        expect(Number(await site.on("web-1", "ls /srv/pages/many | wc -l"))).toBeGreaterThanOrEqual(20);
        // They are made after all, by hand or by a larger bound.
        await site.on("web-0", "mkdir -p /srv/pages/many && touch /srv/pages/many/{1..40}");
        await equal("/srv/pages");
    });
});

describe("at an interval", () => {
    test("changes and deletions come within it, and the application cannot write at a target", async () => {
        await site.on("web-0", "cd /srv/reports && mkdir 2026 && echo 1 >2026/november && echo 2 >december");
        await equal("/srv/reports");
        await site.on("web-0", "rm /srv/reports/december");
        await lacks("lb-1", "/srv/reports/december");
        const write = (path: string) => `runuser -u www-data -- sh -c 'echo x >${path}' 2>&1 || true`;
        for (const path of ["/srv/reports/mine", "/srv/reports/2026/mine", "/srv/reports/2026/november"])
            expect(await site.on("web-1", write(path))).toContain("Permission denied");
    });
});

describe("two ways", () => {
    test("each host's application writes, and all have it; deletions, too", async () => {
        for (const host of HOSTS)
            await site.on(
                host,
                `runuser -u www-data -- sh -c 'cd /srv/uploads && mkdir -p ${host} && echo ${host} >${host}/file && echo no >x.part'`,
            );
        await equal("/srv/uploads");
        expect((await site.on("lb-1", "cat /srv/uploads/*/file")).split("\n").sort()).toEqual(
            [...HOSTS].sort(),
        );
        // What came from elsewhere the application may change, wherever it runs.
        await site.on(
            "web-1",
            "runuser -u www-data -- sh -c 'echo more >>/srv/uploads/lb-1/file; rm -r /srv/uploads/web-0'",
        );
        await equal("/srv/uploads");
        expect(await site.on("lb-1", "cat /srv/uploads/lb-1/file")).toBe("lb-1\nmore");
        await lacks("lb-1", "/srv/uploads/web-0");
    });

    test("a file that two hosts change before either knows: the later one counts, the other one stays aside and is told", async () => {
        await site.on("web-0", "echo 0 >/srv/uploads/page");
        await equal("/srv/uploads");
        await site.on("web-0", "systemctl stop evenkeel-sync-uploads evenkeel-sync-uploads.socket");
        await site.on("web-0", "echo early >/srv/uploads/page; touch -d '-1 min' /srv/uploads/page");
        await site.on("web-1", "echo late >/srv/uploads/page");
        await site.on("web-0", "systemctl start evenkeel-sync-uploads evenkeel-sync-uploads.socket");
        await within(
            60,
            "the later change on web-0",
            async () => (await site.on("web-0", "cat /srv/uploads/page")) === "late",
        );
        expect(await site.on("web-0", "cat /srv/uploads/page*conflict*")).toBe("early");
        await within(30, "the status to tell of it", async () => /conflicts .*page/.test(await status()));
        await site.on("web-0", "rm /srv/uploads/page*conflict*");
    });

    test("when the centre is gone another host is it; when it is back nothing is lost", async () => {
        await site.on("web-0", "systemctl stop evenkeel-sync-uploads evenkeel-sync-uploads.socket");
        await site.on("web-1", "echo while >/srv/uploads/while-away");
        await has("lb-1", "/srv/uploads/while-away", 60);
        await site.on("web-0", "echo mine >/srv/uploads/mine");
        await site.on("web-0", "systemctl start evenkeel-sync-uploads evenkeel-sync-uploads.socket");
        await equal("/srv/uploads", HOSTS, 60);
        for (const host of HOSTS)
            expect(await site.on(host, "cat /srv/uploads/while-away /srv/uploads/mine")).toBe("while\nmine");
    });
});

const status = async () => (await site.stack.execute("npx", "evenkeel", "status")).output;

test("the status is well, with what each sync did last", async () => {
    await within(60, "all to be well", async () => !(await status()).includes("not well"));
    const told = await status();
    expect(told).toMatch(/^pages-sync +targets +.*web-1.*lb-1.* web-0$/m);
    expect(told).toMatch(/^uploads-sync +centre +(web-0|web-1|lb-1) /m);
});

test("an account without a password, a key for one program from one address, and nothing as root", async () => {
    const user = await site.on("web-1", "getent shadow sync-pages | cut -d : -f 2");
    expect(user).toBe("*");
    const knock = (command: string) =>
        site.on(
            "web-0",
            `runuser -u sync-pages -- ssh -F /etc/evenkeel/sync/pages.ssh web-1 ${command} </dev/null 2>&1 || true`,
        );
    expect(await knock("id")).not.toContain("uid=");
    expect(await knock("hello")).toContain('"host": "web-1"');
    // Of another sync, or from another address, the key opens nothing.
    expect(
        await site.on(
            "web-1",
            `ssh -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null sync-pages@lb-1 hello </dev/null 2>&1 || true`,
        ),
    ).toContain("Permission denied");
    const running = await site.on(
        "web-0",
        "ps -eo user:32,args | grep -E 'lsyncd|unison|sync-exchange' | grep -v grep",
    );
    expect(running).not.toMatch(/^root/m);
    expect(running).toMatch(/^sync-pages .*lsyncd/m);
});

afterAll(async () => {
    restore();
    succeeded(await site.stack.up());
    for (const host of HOSTS) {
        const left = await site.on(
            host,
            "getent passwd | grep sync- ; ls -d /etc/evenkeel/sync* /var/lib/evenkeel/sync/* /run/evenkeel-sync* /srv/*/.evenkeel-sync /etc/systemd/system/*sync-* 2>/dev/null; systemctl list-units --all --plain --no-legend 'evenkeel-sync*'; true",
        );
        expect(left, host).toBe("");
        // The files stay, and are nobody's who could come again.
        expect(await site.on(host, "find /srv/pages /srv/uploads /srv/reports -nouser")).toBe("");
        expect(await site.on(host, "cat /srv/pages/old/page.html")).toBe("first");
        await site.on(host, "rm -r /srv/pages /srv/uploads /srv/reports");
    }
}, 300_000);
