import { connect, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { within } from "../../../tools/waiting.ts";
import { handOver } from "../../faults/handOver.ts";
import { power, pullPlug } from "../../faults/hosts.ts";
import { settled } from "../../faults/pair.ts";
import { succeeded } from "../../support/flagship.ts";
import { DIRECTORY, startPebble, stopPebble } from "../../support/pebble.ts";
import { sharedFlagship } from "../../support/shared.ts";

const site = await sharedFlagship();
const NAMES = ["www.example.com", "example.com"];
const BUNDLE = `/var/lib/evenkeel/acme/lb/${NAMES[0]}.pem`;
const BALANCERS = ["lb-0", "lb-1"];

let restore = () => {};
let told: string;
beforeAll(async () => {
    const caCertificate = await startPebble(site);
    const acme = {
        certificates: [{ names: NAMES }],
        email: "admin@example.com",
        directoryUrl: DIRECTORY,
        caCertificate: `${caCertificate}\n`,
    };
    restore = site.edit(
        "pinned: [",
        `backendPort: 80 }, { port: 443, backends: web.hosts, tls: { acme: ${JSON.stringify(acme)} }, pinned: [`,
    );
    told = succeeded(await site.stack.up());
}, 300_000);
afterAll(async () => {
    restore();
    succeeded(await site.stack.up());
    await stopPebble(site);
}, 300_000);

const serialOn = (host: string) => site.on(host, `openssl x509 -noout -serial -in ${BUNDLE} | cut -d= -f2`);
/** What the unit does once a minute, now. */
const turn = (host: string) => site.on(host, "systemctl start evenkeel-acme@lb");
const renew = (host: string) => site.on(host, "acme-certificates renew lb");
const status = async () => {
    const { exitCode, output } = await site.stack.execute("npx", "evenkeel", "status");
    return { exitCode, output };
};

/** A visitor's connection, which stays. */
const visitor = (): Promise<TLSSocket> =>
    new Promise((open, fail) => {
        const socket = connect(
            { host: site.address, port: 443, servername: NAMES[0]!, rejectUnauthorized: false },
            () => open(socket),
        );
        socket.once("error", fail);
    });
const ask = (socket: TLSSocket): Promise<string> =>
    new Promise((answered, fail) => {
        socket.once("data", (part) => answered(part.toString().split("\r\n")[0]!));
        socket.once("close", () => fail(new Error("the connection has ended")));
        socket.write(`GET / HTTP/1.1\r\nHost: ${NAMES[0]}\r\n\r\n`);
    });
/** Of whoever answers at the pair's address. */
async function served() {
    const socket = await visitor();
    const { serialNumber, issuer, subjectaltname } = socket.getPeerCertificate();
    socket.destroy();
    return { serial: serialNumber, issuer: String(issuer.CN), names: subjectaltname };
}

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

describe("renewal", () => {
    test("connections survive it, on both hosts", async () => {
        const { active, standby } = await settled(site);
        const before = (await served()).serial;
        const socket = await visitor();
        expect(await ask(socket)).toBe("HTTP/1.1 200 OK");
        const workers = await site.on(active, "pgrep -x haproxy");
        expect(await renew(active)).toContain("www.example.com: until");
        const { serial } = await served();
        expect(serial).not.toBe(before);
        expect(await ask(socket)).toBe("HTTP/1.1 200 OK");
        expect(await site.on(active, "pgrep -x haproxy")).toBe(workers);
        socket.destroy();
        await turn(standby);
        expect(await serialOn(standby)).toBe(serial);
    });

    test("by whoever has the address after a failover, and the other has it by itself", async () => {
        await handOver(site);
        const { active, standby } = await settled(site);
        await expect(renew(standby)).rejects.toThrow("another balancer has the address");
        await renew(active);
        const { serial } = await served();
        expect(await serialOn(active)).toBe(serial);
        await within(
            120,
            `${standby} to have it, too`,
            async () => (await serialOn(standby)) === serial,
            2000,
        );
    });

    test("while one of them is gone, which has it when it is back", async () => {
        const { active, standby } = await settled(site);
        await pullPlug(site, standby);
        await renew(active);
        const { serial } = await served();
        await power(site, standby, "on");
        await settled(site);
        await within(
            120,
            `${standby} to have it, too`,
            async () => (await serialOn(standby)) === serial,
            2000,
        );
    });
});

test("one that has expired is alarmed, and goes as soon as it can", async () => {
    const { standby } = await settled(site);
    const fresh = (await served()).serial;
    await site.on(standby, "systemctl stop evenkeel-acme@lb.timer");
    await site.on(standby, EXPIRED);
    const bad = await status();
    expect(bad.exitCode).toBe(1);
    expect(bad.output).toContain("www.example.com: expired on 2020-03-01");
    await site.on(standby, "systemctl start evenkeel-acme@lb.timer");
    await within(120, "the good one to be back", async () => (await serialOn(standby)) === fresh, 2000);
    const good = await status();
    expect(good.exitCode, good.output).toBe(0);
});

/** Of the pair's own key, by somebody, and long ago. */
const EXPIRED = `set -e; work=$(mktemp -d); cd "$work"; umask 077
key=/etc/evenkeel/balancers/lb/acme/${NAMES[0]}.key
printf '[ca]\\ndefault_ca=d\\n[d]\\ndatabase=index\\nserial=serial\\nnew_certs_dir=.\\ndefault_md=sha256\\npolicy=p\\ncopy_extensions=copy\\n[p]\\ncommonName=supplied\\n' >conf
: >index; echo 1000 >serial
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 1 -subj /CN=somebody 2>/dev/null
openssl req -new -key "$key" -subj /CN=${NAMES[0]} -addext subjectAltName=${NAMES.map((name) => `DNS:${name}`).join(",")} -out request
openssl ca -batch -notext -config conf -cert ca.pem -keyfile ca.key -in request -startdate 20200101000000Z -enddate 20200301000000Z -out cert 2>/dev/null
cat cert "$key" >${BUNDLE}; rm -rf "$work"`;

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
    restore();
    restore = () => {};
    succeeded(await site.stack.up());
    for (const host of BALANCERS) {
        expect(await site.on(host, "systemctl list-units --all --plain --no-legend 'evenkeel-acme*'")).toBe(
            "",
        );
        expect(await site.on(host, "ss -Hltn 'sport = :443'")).toBe("");
        expect(await site.on(host, "ls /etc/evenkeel/balancers/lb")).not.toContain("acme");
    }
});
