import { afterAll, beforeAll, expect, test } from "vitest";
import { succeeded } from "../../support/flagship.ts";
import {
    filed,
    POOL,
    STORE,
    STORES,
    storeBack,
    storeKilled,
    storesWhole,
} from "../../support/sessionSite.ts";
import { sharedFlagship } from "../../support/shared.ts";
import { Visitor } from "../../support/visitor.ts";

const site = await sharedFlagship();
const WEB = ["web-0", "web-1"];

const restore: (() => void)[] = [];
beforeAll(async () => {
    restore.push(site.edit('files: { "index.html"', POOL), site.edit("export const url", STORE));
    succeeded(await site.stack.up());
}, 300_000);
afterAll(async () => {
    for (const each of restore.reverse()) each();
    succeeded(await site.stack.up());
    for (const host of STORES)
        expect(await site.on(host, "systemctl is-active redis-server evenkeel-session-store || true")).toBe(
            "inactive\ninactive",
        );
    for (const host of WEB)
        expect(await site.on(host, "ls /etc/evenkeel/sessions 2>/dev/null || true")).toBe("");
}, 300_000);

const visitor = () => new Visitor(site.url);

test("a second `up` has nothing to do, and no secret is in an argument or a file for all", async () => {
    succeeded(await site.stack.up("--expect-no-changes"));
    for (const host of WEB)
        expect(await site.on(host, "stat -c '%a %U:%G' /etc/evenkeel/sessions/evenkeel-web.php")).toBe(
            "640 root:site-web",
        );
    for (const host of STORES)
        expect(
            await site.on(host, "stat -c '%n %a' /etc/evenkeel/session-store/{key.pem,users.acl,password}"),
        ).toBe(
            [
                "/etc/evenkeel/session-store/key.pem 640",
                "/etc/evenkeel/session-store/users.acl 640",
                "/etc/evenkeel/session-store/password 600",
            ].join("\n"),
        );
});

test("whichever host serves it, a visitor is the same", async () => {
    const one = visitor();
    const served = new Set<string>();
    for (let i = 1; i <= 10; i++) {
        const visit = await one.visit();
        expect(visit).toMatchObject({ status: 200, visits: i });
        served.add(visit.host);
    }
    expect([...served].sort()).toEqual(WEB);
    expect(await visitor().visit()).toMatchObject({ visits: 1 });
    // Somebody else's idea of a session is none.
    const guesser = visitor();
    guesser.cookie = "PHPSESSID=guessed00guessed00guessed00";
    expect((await guesser.visit()).id).not.toContain("guessed");
});

test("twenty pages of a visitor at once count twenty: each has the session alone, as with PHP's own files", async () => {
    const one = visitor();
    await one.visit();
    const visits = await Promise.all(Array.from({ length: 20 }, () => one.visit()));
    expect(visits.map(({ visits }) => visits).sort((a, b) => a - b)).toEqual(
        Array.from({ length: 20 }, (_, i) => i + 2),
    );
});

test("a store dies and comes back empty, and then the other one dies: nobody is logged out", async () => {
    const one = visitor();
    expect((await one.goesOn(5)).last.visits).toBe(5);
    await storeKilled(site, "lb-0");
    const first = await one.goesOn(10);
    expect(first).toMatchObject({ failed: 0, last: { visits: 15 } });
    await storeBack(site, "lb-0", { empty: true });
    await storesWhole(site);
    await storeKilled(site, "lb-1");
    const second = await one.goesOn(10);
    expect(second).toMatchObject({ failed: 0, last: { visits: 25 } });
    await storeBack(site, "lb-1");
    await storesWhole(site);
    console.log(`longest page: store killed ${first.longest} ms, the other one ${second.longest} ms`);
    expect(Math.max(first.longest, second.longest)).toBeLessThan(1000);
});

test("a store hangs: pages go on within a second, and what was logged out meanwhile stays so", async () => {
    const [one, leaving] = [visitor(), visitor()];
    await one.goesOn(3);
    const { last } = await leaving.goesOn(3);
    await site.on("lb-0", "systemctl kill -s STOP redis-server");
    const frozen = await one.goesOn(30);
    await leaving.visit("?leave");
    await site.on("lb-0", "systemctl kill -s CONT redis-server");
    const thawed = await one.goesOn(10);
    expect([frozen, thawed]).toMatchObject([
        { failed: 0, last: { visits: 33 } },
        { failed: 0, last: { visits: 43 } },
    ]);
    await storesWhole(site);
    await storeKilled(site, "lb-1");
    const visit = await leaving.visit();
    expect(visit).toMatchObject({ status: 200, visits: 1 });
    expect(visit.id).not.toBe(last.id);
    await storeBack(site, "lb-1");
    await storesWhole(site);
    console.log(`longest page: store frozen ${frozen.longest} ms, thawed ${thawed.longest} ms`);
    expect(Math.max(frozen.longest, thawed.longest)).toBeLessThan(1000);
});

test("a store hung, and now the other one does: a page waits for that one, as it alone has what the visitor did", async () => {
    const one = visitor();
    await one.goesOn(3);
    await site.on("lb-0", "systemctl kill -s STOP redis-server");
    for (const began = Date.now(); Date.now() - began < 3000; ) await one.goesOn(1);
    const { visits } = await one.visit();
    await site.on("lb-1", "systemctl kill -s STOP redis-server");
    await site.on("lb-0", "systemctl kill -s CONT redis-server");
    const [waited] = await Promise.all([
        one.visit(),
        site.on("lb-1", "sleep 0.8; systemctl kill -s CONT redis-server"),
    ]);
    console.log(`a page for which the other store had to go on: ${waited.ms} ms`);
    expect(waited).toMatchObject({ status: 200, visits: visits + 1 });
    expect((await one.goesOn(10)).last.visits).toBe(visits + 11);
    await storesWhole(site);
});

test("PHP is killed while a page has the session: the next page has it at once", async () => {
    const one = visitor();
    const { host } = await one.visit();
    const holding = one.visit("?holds=30");
    const holder = WEB.find((each) => each !== host)!;
    await Promise.all(
        WEB.map((each) =>
            site.on(each, "sleep 0.5; pkill -KILL -u site-web -f 'pool evenkeel-web$' || true"),
        ),
    );
    const next = await one.goesOn(1);
    await holding;
    console.log(`PHP killed with the session (on ${host} or ${holder}): next page after ${next.longest} ms`);
    expect(next.longest).toBeLessThan(3000);
    expect(next.last.id).toBe(one.cookie.split("=")[1]);
});

test("all stores are away: pages that keep a session fail, and say why in the log", async () => {
    const one = visitor();
    await one.goesOn(2);
    await filed(site);
    for (const host of STORES) await storeKilled(site, host);
    const { cookie } = one;
    expect(await one.visit()).toMatchObject({ status: 500 });
    // An error that brought another session would log the visitor out.
    expect(one.cookie).toBe(cookie);
    for (const host of STORES) await storeBack(site, host);
    await storesWhole(site);
    expect((await one.goesOn(1)).last.visits).toBe(3);
    const logged = await Promise.all(
        WEB.map((host) =>
            site.on(
                host,
                "cat /var/log/php8.2-fpm.log; journalctl -q -u nginx -u php8.2-fpm -n 50; tail -n 20 /var/log/nginx/error.log",
            ),
        ),
    );
    expect(logged.join("\n")).toContain("sessions: no store answers");
});

test("a store is its clients' alone, by TLS", async () => {
    const knock =
        "timeout 2 bash -c 'exec 3<>/dev/tcp/lb-0/6380 && printf \"PING\\r\\n\" >&3 && head -c 5 <&3' || echo none";
    expect(await site.on("web-0", knock)).not.toContain("PONG");
    expect(await site.on("lb-0", "ss -Hltn 'sport = :6380 or sport = :6379' | awk '{ print $4 }'")).toMatch(
        /^10\.[\d.]+:6380$/,
    );
});
