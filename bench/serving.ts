import { loadavg } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { settled } from "../test/faults/pair.ts";
import { deployFlagship, type Flagship, succeeded } from "../test/support/flagship.ts";
import { fetchMany } from "../tools/fetching.ts";
import { machine, reportBenchmark, spread } from "./report.ts";
import { type Change, changing, RELEASED } from "./servingChanges.ts";
import { CONNECTIONS, TLS_LISTENER, wrk } from "./servingLoad.ts";

const SECONDS = 10;

/** Who balances: the pair, or a HAProxy as its manual's first pages have it, on the same host and address. */
const ways = ["the pair", "HAProxy by hand"] as const;
type Way = (typeof ways)[number];

/** `npm run bench -- serving`: what a pair costs against HAProxy alone, how it splits, and what is lost when things change. */
export async function benchServing(rounds: number): Promise<void> {
    await execa("apt-get", ["-qy", "install", "--no-install-recommends", "wrk"]);
    const site = await deployFlagship("bench-serving");
    try {
        site.edit(
            "http: [{",
            `http: [{ port: 8080, backends: app.hosts, backendPort: 8080 }, ${TLS_LISTENER}, {`,
        );
        site.edit("const lb =", RELEASED);
        succeeded(await site.stack.up());
        const { active, standby } = await settled(site);
        // Whoever is tried by hand is not failed over from.
        await site.on(standby, "systemctl stop keepalived");
        const page = await (await fetch(site.url)).arrayBuffer();
        const loads: number[] = [];
        const rates = await compared(site, active, rounds, loads);
        await site.on(standby, "systemctl start keepalived");
        await settled(site);
        const split = await share(site);
        const changes = await changing(site, active);
        reportBenchmark("Serving", render(page.byteLength, rates, split, changes, loads));
    } finally {
        await site.remove();
    }
}

type Rates = Record<"http" | "https", Record<Way, number[]>>;

async function compared(site: Flagship, host: string, rounds: number, loads: number[]): Promise<Rates> {
    await site.on(host, `mkdir -p ${BY_HAND} && cat >${BY_HAND}/haproxy.cfg <<'EOF'\n${byHand}EOF`);
    const rates: Rates = {
        http: { "the pair": [], "HAProxy by hand": [] },
        https: { "the pair": [], "HAProxy by hand": [] },
    };
    for (let round = 1; round <= rounds; round++) {
        // In turn, each first as often as the other: whatever else goes on hits both.
        for (const way of round % 2 ? ways : ways.toReversed()) {
            const stop = way === "the pair" ? async () => {} : await handled(site, host);
            for (const scheme of ["http", "https"] as const) {
                loads.push(loadavg()[0]!);
                const { perSecond } = await wrk(`${scheme}://${site.address}/`, SECONDS);
                rates[scheme][way].push(perSecond);
                console.error(`${round} of ${rounds}: ${scheme} by ${way}: ${perSecond} a second`);
            }
            await stop();
        }
    }
    return rates;
}

/** The same host and address, and the same certificate; keepalived finds what it asks for. */
const byHand = `global
    maxconn 4000
    ssl-default-bind-options ssl-min-ver TLSv1.2
defaults
    mode http
    timeout connect 5s
    timeout client 50s
    timeout server 50s
frontend monitor
    bind 127.0.0.1:8404
    monitor-uri /alive
frontend web
    bind "\${LISTEN}:80"
    bind "\${LISTEN}:443" ssl crt /etc/haproxy/evenkeel/lb-http-443-0.pem alpn h2,http/1.1
    default_backend web
backend web
    balance roundrobin
    server web-0 web-0:80 check
    server web-1 web-1:80 check
`;

const BY_HAND = "/run/by-hand";

/** By Debian's own unit, as whoever writes a haproxy.cfg has it: what is run from outside is under none of the host's limits. */
async function handled(site: Flagship, host: string): Promise<() => Promise<void>> {
    const dropIn = "/run/systemd/system/haproxy.service.d/by-hand.conf";
    await site.on(
        host,
        `listen=$(ss -Hltn 'sport = :443' | awk '{ sub(/:443$/, "", $4); print $4; exit }')
printf 'CONFIG=${BY_HAND}/haproxy.cfg\nEXTRAOPTS=\nLISTEN=%s\n' "$listen" >${BY_HAND}/environment
mkdir -p ${dropIn.replace(/[^/]*$/, "")}
printf '[Service]\nEnvironmentFile=${BY_HAND}/environment\n' >${dropIn}
systemctl daemon-reload && systemctl restart haproxy`,
    );
    await sleep(2000);
    return async () => {
        await site.on(host, `rm ${dropIn} && systemctl daemon-reload && systemctl restart haproxy`);
        await sleep(3000);
    };
}

/** How many of 10,000 requests the first web host answered. */
async function share(site: Flagship): Promise<number> {
    const results = await fetchMany(site.url, 10_000);
    return results.filter(({ servedBy }) => servedBy === "web-0").length;
}

function render(bytes: number, rates: Rates, split: number, changes: Change[], loads: number[]): string {
    const rows = (["http", "https"] as const).map((scheme) => {
        const cells = ways.map((way) => spread(rates[scheme][way]).join(" / "));
        const [pair, hand] = ways.map((way) => spread(rates[scheme][way])[0]);
        return `| ${scheme} | ${cells.join(" | ")} | **${(pair! / hand!).toFixed(2)}** |`;
    });
    const lost = changes.map(([what, load]) => `| ${what} | ${load.lost} of ${load.requests} |`);
    return `Written by \`npm run bench -- serving\` on ${new Date().toISOString().slice(0, 10)}: the flagship on the local cloud, two balancers and two web hosts of 1 CPU and 1 GB, a page of ${bytes} bytes, ${CONNECTIONS} connections of wrk that stay open, ${SECONDS} s each time, each way ${rates.http["the pair"].length} times in turn. By hand is Debian's HAProxy by its own unit, with six lines of settings in place of the pair's, on the same host, address and certificate. ${machine(loads)}

| | requests a second by the pair: median / min / max | by hand | pair ÷ by hand (promise: 0.98 or more) |
|---|---|---|---|
${rows.join("\n")}

Of 10,000 requests the first web host answered ${split}: **${(split / 100).toFixed(1)} %** (promise: 50 ± 2 %).

| under load | requests lost |
|---|---|
${lost.join("\n")}
`;
}
