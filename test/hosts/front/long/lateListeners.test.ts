import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { endsSteady, fetchEvery, fetchMany, fetchOnce } from "../../../../tools/fetching.ts";
import { within } from "../../../../tools/waiting.ts";
import { KEEPALIVED } from "../../../faults/engines.ts";
import { handOver } from "../../../faults/handOver.ts";
import { settled } from "../../../faults/pair.ts";
import { certificate, certificateKey } from "../../../support/certificate.ts";
import { succeeded } from "../../../support/flagship.ts";
import { sharedFlagship } from "../../../support/shared.ts";
import { failedUnits, troubledBoot } from "../../../support/troubledBoot.ts";

const site = await sharedFlagship();

/** A release that Apache serves with PHP, beside the flagship's nginx. */
const POOL = (folder: string) => `const app = new evenkeel.WebPool("app", {
    hosts: web.hosts,
    engine: "apache",
    port: 8092,
    php: true,
    writable: ["uploads"],
    release: { folder: ${JSON.stringify(folder)}, public: "public" },
});

const lb =`;
const LISTENERS = `metricsPort: 9101,
    statusPage: true,
    http: [
        { port: 8092, backends: app.hosts, backendPort: 8092, weightByLoad: true },
        { port: 8081, backends: web.hosts, stickiness: { by: "address" } },
        { port: 443, backends: web.hosts, tls: { certificates: [{ certificate: ${JSON.stringify(certificate)}, privateKey: ${JSON.stringify(certificateKey)} }] } },
        {`;

let folder: string;
const restore: (() => void)[] = [];
beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "evenkeel-late-"));
    mkdirSync(join(folder, "public"));
    const page = `<?php echo gethostname(), " ", is_writable("../uploads") ? "writes" : "does not write";`;
    writeFileSync(join(folder, "public/index.php"), page);
    restore.push(site.edit("const lb =", POOL(folder)), site.edit("http: [{", LISTENERS));
    succeeded(await site.stack.up());
    await settled(site);
}, 300_000);
afterAll(async () => {
    for (const each of restore.reverse()) each();
    succeeded(await site.stack.up());
    rmSync(folder, { recursive: true });
}, 300_000);

const at = (port: number, scheme = "http") => `${scheme}://${site.address}:${port}/`;
const PORTS = ["tcp/443", "tcp/8081", "tcp/8092", "tcp/9101"];

/** What answers on each listener, and by whom. */
async function allAnswer(): Promise<void> {
    const answers = await fetchMany(at(8092), 40);
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    expect([...new Set(answers.map(({ servedBy }) => servedBy))].sort()).toEqual(["web-0", "web-1"]);
    for (let i = 0; i < 4; i++)
        expect(await (await fetch(at(8092), { headers: { connection: "close" } })).text()).toMatch(
            /^web-\d writes$/,
        );
    expect((await fetchOnce(at(8081), 2000)).status).toBe(200);
    const { active } = await settled(site);
    const secure = `curl -fsSk -m 3 -o /dev/null -w '%{http_version}' https://$(ss -Hltn 'sport = :443' | awk '{ sub(/:443$/, "", $4); print $4; exit }')/`;
    expect(await site.on(active, secure)).toBe("2");
}

test("a balancer and a web host boot with late addresses and others on their ports: each listener, engine and agent is back", async () => {
    await allAnswer();
    const { active, standby } = await settled(site);
    const load = fetchEvery(at(8092), 20, Number.POSITIVE_INFINITY);
    onTestFinished(() => load.stop());
    const ends = await Promise.all([
        troubledBoot(site.cloud, active, PORTS),
        troubledBoot(site.cloud, "web-1", ["tcp/80", "tcp/8092", "tcp/8406"]),
    ]);
    await within(30, `the address to move to ${standby}`, async () => (await site.holder()) === standby);
    await within(30, "steady answers", () => endsSteady(load.results));
    await Promise.all(ends.map((end) => end()));
    await settled(site);
    await handOver(site, undefined, KEEPALIVED);
    expect((await settled(site)).active).toBe(active);
    await within(30, "web-1 to have its share", async () =>
        (await fetchMany(at(8092), 20)).some(({ servedBy }) => servedBy === "web-1"),
    );
    await allAnswer();
    const agent = await site.on("web-1", "ss -Hltn 'sport = :8406' | awk '{ print $4; exit }'");
    const [address, port] = agent.split(":");
    const asked = `timeout 3 bash -c 'cat </dev/tcp/${address}/${port}'`;
    expect(await site.on(active, asked)).toMatch(/^\d+%$/);
    const figures = `curl -fsS -m 3 http://$(ss -Hltn 'sport = :9101' | awk '{ print $4; exit }')/metrics | grep -c haproxy_`;
    expect(Number(await site.on(active, figures))).toBeGreaterThan(10);
    for (const host of [active, "web-1"]) expect(await failedUnits(site.cloud, host)).toBe("");
    await load.stop();
}, 300_000);
