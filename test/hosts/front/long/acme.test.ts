import { afterAll, beforeAll, expect, test } from "vitest";
import { settled } from "../../../faults/pair.ts";
import { acmeSite, BALANCERS } from "../../../support/acmeSite.ts";
import { succeeded } from "../../../support/flagship.ts";
import { sharedFlagship } from "../../../support/shared.ts";

const site = await sharedFlagship();
const { begin, end, serialOn, turn, status, visitor, ask, served } = acmeSite(site);

let told: string;
beforeAll(async () => {
    told = await begin();
}, 300_000);
afterAll(end, 300_000);

test("up gets the first certificate, says so, and both hosts have it", async () => {
    expect(told).toMatch(/lb-\d: lb-balancer: www\.example\.com: until \d{4}-\d\d-\d\d/);
    const { active, standby } = await settled(site);
    await turn(standby);
    const { serial, issuer, names } = await served();
    expect(issuer).toMatch(/^Pebble Intermediate CA/);
    expect(names).toContain("DNS:www.example.com");
    expect(names).toContain("DNS:example.com");
    expect(await serialOn(active)).toBe(serial);
    expect(await serialOn(standby)).toBe(serial);
    const { exitCode, output } = await status();
    expect(output).toMatch(
        /^lb-balancer +certificates +www\.example\.com: until \d{4}-\d\d-\d\d +lb-0, lb-1$/m,
    );
    expect(exitCode, output).toBe(0);
    succeeded(await site.stack.up("--expect-no-changes"));
});

test("the page is served in TLS", async () => {
    const socket = await visitor();
    expect(await ask(socket)).toBe("HTTP/1.1 200 OK");
    socket.destroy();
});

test("HTTP-01 is answered on both, for tokens alone", async () => {
    const [first, second] = await Promise.all(
        BALANCERS.map((host) =>
            site.on(
                host,
                "curl -s http://$(ss -Hltn 'sport = :80' | awk '{ print $4; exit }')/.well-known/acme-challenge/a-token_1",
            ),
        ),
    );
    expect(first).toMatch(/^a-token_1\.[\w-]{43}$/);
    expect(second).toBe(first);
    const odd = await fetch(`http://${site.address}/.well-known/acme-challenge/%3Cscript%3E`);
    expect(await odd.text()).not.toContain("script");
});

test("the keys are for root alone, and nowhere else", async () => {
    for (const host of BALANCERS) {
        const modes = await site.on(
            host,
            "stat -c '%a %U' /etc/evenkeel/balancers/lb/acme/*.key /var/lib/evenkeel/acme/lb/*.pem | sort -u",
        );
        expect(modes).toBe("600 root");
        expect(await site.on(host, "grep -rl 'PRIVATE KEY' /tmp /var/tmp /var/log 2>/dev/null || true")).toBe(
            "",
        );
    }
});

test("without it, the hosts have none of its units and ports", async () => {
    await end();
    for (const host of BALANCERS) {
        expect(await site.on(host, "systemctl list-units --all --plain --no-legend 'evenkeel-acme*'")).toBe(
            "",
        );
        expect(await site.on(host, "ss -Hltn 'sport = :443'")).toBe("");
        expect(await site.on(host, "find /etc/evenkeel/balancers/lb -path '*acme*' -type f")).toBe("");
    }
});
