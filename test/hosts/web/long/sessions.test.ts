import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { within } from "../../../../tools/waiting.ts";
import { power, pullPlug } from "../../../faults/hosts.ts";
import { settled } from "../../../faults/pair.ts";
import { succeeded } from "../../../support/flagship.ts";
import {
    filed,
    POOL,
    STORE,
    STORES,
    storeBack,
    storeKilled,
    storesWhole,
} from "../../../support/sessionSite.ts";
import { sharedFlagship } from "../../../support/shared.ts";
import { COUNTER, type Visit, Visitor } from "../../../support/visitor.ts";

const site = await sharedFlagship();
const ALL = ["lb-0", "lb-1", "web-0", "web-1"];
/** A second site on the same hosts. */
const BLOG = `const blog = new evenkeel.WebPool("blog", {
    hosts: web.hosts,
    port: 8080,
    documentRoot: "/srv/blog",
    php: true,
    files: { "counter.php": ${JSON.stringify(COUNTER)} },
});

const lb =`;

const restore: (() => void)[] = [];
beforeAll(async () => {
    restore.push(site.edit('files: { "index.html"', POOL), site.edit("const lb =", BLOG));
    restore.push(site.edit("http: [{", "http: [{ port: 8080, backends: blog.hosts, backendPort: 8080 }, {"));
    restore.push(site.edit("export const url", STORE.replace("[web]", "[web, blog]")));
    succeeded(await site.stack.up());
}, 300_000);
afterAll(async () => {
    for (const each of restore.reverse()) each();
    succeeded(await site.stack.up());
    for (const host of ["web-0", "web-1"]) await site.on(host, "rm -rf /srv/blog");
}, 300_000);

const visitor = (url = site.url) => new Visitor(url);

/** Ten visitors go on looking while something is done; whose page fails looks again. */
async function whileVisited(work: () => Promise<unknown>) {
    const visitors = Array.from({ length: 10 }, () => visitor());
    for (const one of visitors) expect((await one.visit()).visits).toBe(1);
    let isOver = false;
    const seen = await Promise.all([
        ...visitors.map(async (one) => {
            const visits: Visit[] = [];
            while (!isOver) {
                visits.push(await one.visit());
                await sleep(100);
            }
            return visits;
        }),
        work().finally(() => {
            isOver = true;
        }),
    ]);
    const visits = seen.slice(0, -1) as Visit[][];
    const good = (each: Visit[]) => each.filter(({ status }) => status === 200);
    return {
        failed: visits.flat().filter(({ status }) => status !== 200).length,
        longest: Math.max(...visits.flat().map(({ ms }) => ms)),
        // Of pages that were answered none may have been forgotten; one whose answer was lost may have counted.
        forgotten: visits.filter((each) => good(each).some(({ visits }, i) => visits < i + 2)).length,
        loggedOut: visits.filter((each) => new Set(good(each).map(({ id }) => id)).size > 1).length,
    };
}

const WELL = { forgotten: 0, loggedOut: 0 };

test("a changed setting restarts all stores in turn: no page fails", async () => {
    const undo = site.edit("pools: [web, blog]", "memory: 32, pools: [web, blog]");
    const seen = await whileVisited(async () => succeeded(await site.stack.up()));
    console.log("stores restarted in turn", seen);
    expect(seen).toMatchObject({ failed: 0, ...WELL });
    expect(seen.longest).toBeLessThan(1000);
    expect(await site.on("lb-0", "/usr/local/lib/evenkeel/session-store status")).toMatch(/ of 32 MB$/);
    undo();
    succeeded(await site.stack.up());
});

test("a store's host loses its power, and boots again: nobody is logged out", async () => {
    const { active } = await settled(site);
    const host = STORES.find((each) => each !== active)!;
    const seen = await whileVisited(async () => {
        await pullPlug(site, host);
        await sleep(5000);
        await power(site, host, "on");
        await storesWhole(site);
    });
    console.log("a store's host without power", seen);
    expect(seen).toMatchObject({ failed: 0, ...WELL });
    expect(seen.longest).toBeLessThan(1000);
    await settled(site, 120);
});

test("a store is cut off for a while: what it has missed it has again", async () => {
    const { active } = await settled(site);
    const host = STORES.find((each) => each !== active)!;
    const one = visitor();
    await one.goesOn(3);
    const seen = await whileVisited(async () => {
        // The host itself goes on: it is a balancer, too.
        await site.on(host, "nft insert rule inet evenkeel input tcp dport 6380 drop");
        await one.goesOn(5);
        await sleep(5000);
        await site.on(host, "systemctl reload nftables");
        await storesWhole(site);
    });
    console.log("a store cut off", seen);
    expect(seen).toMatchObject({ failed: 0, ...WELL });
    await storeKilled(site, active);
    expect((await one.goesOn(1)).last.visits).toBe(9);
    await storeBack(site, active);
    await storesWhole(site);
    await settled(site, 120);
});

test("a web host loses its power while a page has the session: another host goes on within seconds", async () => {
    const one = visitor();
    await one.goesOn(2);
    const holding = one.visit("?holds=20");
    await sleep(1000);
    const held = await Promise.all(
        ["web-0", "web-1"].map((host) => site.on(host, "ss -Htn state established 'dport = :6380' | wc -l")),
    );
    expect(held.map(Number).some((count) => count > 0)).toBe(true);
    // Whichever has the page: the other one has nobody's lock.
    const holder = await holderOf();
    const began = performance.now();
    await pullPlug(site, holder);
    const next = await one.goesOn(1);
    const ms = Math.round(performance.now() - began);
    console.log(`web host without power: next page after ${ms} ms`, next);
    expect(ms).toBeLessThan(15_000);
    await holding;
    expect(next.last.id).toBe(one.cookie.split("=")[1]);
    await power(site, holder, "on");
    await settled(site, 120);
    await within(60, "both web hosts to serve", async () => {
        const hosts = new Set<string>();
        for (let i = 0; i < 6; i++) hosts.add((await visitor().visit()).host);
        return hosts.size === 2;
    });
});

/** The web host on which PHP is at work on a page that sleeps; for a moment a balancer's question may have another one at work, too. */
async function holderOf(): Promise<string> {
    const isBusy = async (host: string) =>
        (await site.on(host, "ss -Hxn | grep -c 'evenkeel-web.sock' || true")) !== "0";
    let found: string[] = [];
    await within(15, "one web host to be at work", async () => {
        const busy = await Promise.all(["web-0", "web-1"].map(isBusy));
        found = ["web-0", "web-1"].filter((_host, i) => busy[i]);
        return found.length === 1;
    });
    return found[0]!;
}

test("all hosts lose their power and boot again: who was here a second before is logged in still", async () => {
    const one = visitor();
    await one.goesOn(4);
    await filed(site);
    await Promise.all(ALL.map((host) => pullPlug(site, host)));
    await Promise.all(ALL.map((host) => power(site, host, "on")));
    await settled(site, 120);
    await storesWhole(site);
    expect((await one.goesOn(1)).last.visits).toBe(5);
}, 300_000);

test("a third store joins on a web host, the list changes its order, and the first one leaves for good", async () => {
    const hosts = (list: string) => site.edit(/hosts: (lb\.hosts|\[.*\]), pools/, `hosts: ${list}, pools`);
    const seen = await whileVisited(async () => {
        hosts("[lb.hosts[0]!, lb.hosts[1]!, web.hosts[0]!]");
        succeeded(await site.stack.up());
        await storesWhole(site, ["lb-0", "lb-1", "web-0"]);
        hosts("[web.hosts[0]!, lb.hosts[1]!, lb.hosts[0]!]");
        succeeded(await site.stack.up("--expect-no-changes"));
        hosts("[web.hosts[0]!, lb.hosts[1]!]");
        succeeded(await site.stack.up());
    });
    console.log("2 → 3 → 2 stores", seen);
    expect(seen).toMatchObject({ failed: 0, ...WELL });
    expect(
        await site.on(
            "lb-0",
            "systemctl is-active redis-server || true; ls /etc/evenkeel/session-store 2>/dev/null || true",
        ),
    ).toBe("inactive");
    hosts("lb.hosts");
    succeeded(await site.stack.up());
    await storesWhole(site);
}, 600_000);

test("sites on the same hosts do not see each other's sessions", async () => {
    const blog = visitor(`http://${site.address}:8080/`);
    await blog.goesOn(2);
    const thief = visitor();
    thief.cookie = blog.cookie;
    expect(await thief.visit()).toMatchObject({ visits: 1 });
    // As the other site's PHP, which has read its own settings.
    const steal = `$s = require "/etc/evenkeel/sessions/evenkeel-web.php"; $r = new Redis();
        $r->connect("tls://lb-0", 6380, 1, null, 0, 1, ["stream" => ["cafile" => $s["ca"]]]);
        $r->auth([$s["user"], $s["password"]]);
        $ask = function (...$words) use ($r) {
            try {
                return $r->rawCommand(...$words) === false ? "nothing" : "told";
            } catch (RedisException $problem) {
                return substr($problem->getMessage(), 0, 6);
            }
        };
        foreach ([["HGETALL", "session:evenkeel-blog:x"], ["HGET", "session:evenkeel-blog:x", "data"], ["KEYS", "*"], ["CONFIG", "GET", "*"]] as $words)
            echo $ask(...$words), " ";
        echo $ask("HGET", "session:evenkeel-web:x", "data");`;
    await site.on("web-0", `cat >/run/steal.php <<'EOF'\n<?php ${steal}\nEOF\nchmod 644 /run/steal.php`);
    expect(await site.on("web-0", "runuser -u site-web -- php /run/steal.php; rm /run/steal.php")).toBe(
        "NOPERM NOPERM NOPERM NOPERM nothing",
    );
    expect(
        await site.on(
            "web-0",
            "runuser -u site-web -- cat /etc/evenkeel/sessions/evenkeel-blog.php 2>&1 || true",
        ),
    ).toContain("Permission denied");
});

test("planned work waits for a store that is away, and names it", async () => {
    await storeKilled(site, "lb-1");
    await expect(site.on("lb-0", "timeout 90 /usr/local/lib/evenkeel/session-store pause")).rejects.toThrow(
        "the store of lb-1 does not answer: it has to be there first",
    );
    expect(
        await site.on(
            "web-0",
            "runuser -u site-web -- /usr/local/lib/evenkeel/session-status /etc/evenkeel/sessions/evenkeel-web.php all || true",
        ),
    ).toBe("1 of 2 stores answer");
    await storeBack(site, "lb-1");
    await storesWhole(site);
    await site.on(
        "lb-0",
        "/usr/local/lib/evenkeel/session-store pause && /usr/local/lib/evenkeel/session-store resume",
    );
}, 120_000);
