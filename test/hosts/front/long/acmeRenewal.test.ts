import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { within } from "../../../../tools/waiting.ts";
import { handOver } from "../../../faults/handOver.ts";
import { power, pullPlug } from "../../../faults/hosts.ts";
import { settled } from "../../../faults/pair.ts";
import { acmeSite, BUNDLE, NAMES } from "../../../support/acmeSite.ts";
import { sharedFlagship } from "../../../support/shared.ts";

const site = await sharedFlagship();
const { begin, end, serialOn, turn, renew, status, visitor, ask, served } = acmeSite(site);

beforeAll(async () => {
    await begin();
}, 300_000);
afterAll(end, 300_000);

const hasItToo = (standby: string, serial: string) =>
    within(120, `${standby} to have it, too`, async () => (await serialOn(standby)) === serial, 2000);

describe("renewal", () => {
    test("connections survive it, on both hosts", async () => {
        const { active, standby } = await settled(site);
        const before = (await served()).serial;
        const socket = await visitor();
        // One that is idle for ten seconds ends by itself, and a renewal may take longer.
        const answers: string[] = [];
        let isOver = false;
        const asking = (async () => {
            while (!isOver) {
                answers.push(await ask(socket));
                await sleep(500);
            }
        })();
        const workers = await site.on(active, "pgrep -x haproxy");
        const renewed = await renew(active);
        const { serial } = await served();
        expect(serial).not.toBe(before);
        isOver = true;
        await asking;
        expect(renewed).toContain("www.example.com: until");
        expect([...new Set([...answers, await ask(socket)])]).toEqual(["HTTP/1.1 200 OK"]);
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
        await hasItToo(standby, serial);
    });

    test("while one of them is gone, which has it when it is back", async () => {
        const { active, standby } = await settled(site);
        await pullPlug(site, standby);
        await renew(active);
        const { serial } = await served();
        await power(site, standby, "on");
        await settled(site);
        await hasItToo(standby, serial);
    });
});

test("one that has expired is alarmed, and goes as soon as it can", async () => {
    const { standby } = await settled(site);
    const fresh = (await served()).serial;
    await site.on(standby, "systemctl stop evenkeel-acme@lb.timer");
    await site.on(standby, EXPIRED);
    const bad = await status();
    expect(bad.exitCode).toBe(2);
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
