import { loadavg } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { settled } from "../test/faults/pair.ts";
import { deployFlagship, type Flagship, succeeded } from "../test/support/flagship.ts";
import { machine, reportBenchmark } from "./report.ts";
import { type Load, TLS_LISTENER, wrk } from "./servingLoad.ts";

const SAMPLE_MS = 5000;

/** Each request keeps 40 MB for a moment, as much as a large page of WordPress. */
const PAGE =
    "<?php $kept = str_repeat(random_bytes(1024), 40 * 1024); for ($i = 0, $sum = 0; $i < 20000; $i++) $sum += ord($kept[$i]); echo strlen($kept) > 0 && $sum > 0 ? 'well' : 'ill';";

/** Beside the flagship's own pool, on the same hosts. */
const program = (engine: string) => `const app = new evenkeel.WebPool("app", {
    hosts: web.hosts,
    engine: "${engine}",
    port: 8080,
    php: true,
    files: { "index.php": ${JSON.stringify(PAGE)} },
});

const lb =`;

/** What a role took at most. */
interface Taken {
    role: string;
    load: Load;
    hosts: Most[];
}

interface Most {
    host: string;
    /** Megabytes that no file has, of the host and of each of its units. */
    used: number;
    units: Map<string, number>;
    swapped: number;
    killed: number;
}

/** `npm run bench -- endurance`: whether roles stay within 1 GB under load that goes on. */
export async function benchEndurance(minutes: number): Promise<void> {
    const site = await deployFlagship("bench-endurance");
    const loads: number[] = [];
    try {
        site.edit(
            "http: [{",
            `http: [{ port: 8080, backends: app.hosts, backendPort: 8080 }, ${TLS_LISTENER}, {`,
        );
        const taken: Taken[] = [];
        for (const engine of ["nginx", "apache"]) {
            const undo = site.edit("const lb =", program(engine));
            succeeded(await site.stack.up());
            const { active } = await settled(site);
            const measure = async (role: string, hosts: string[], url: string) => {
                loads.push(loadavg()[0]!);
                taken.push({ role, ...(await enduring(site, hosts, url, minutes * 60)) });
            };
            if (engine === "nginx") await measure("balancer, HTTPS", [active], `https://${site.address}/`);
            await measure(`web hosts, ${engine} and PHP`, ["web-0", "web-1"], `http://${site.address}:8080/`);
            undo();
        }
        reportBenchmark("Endurance", render(taken, minutes, loads));
    } finally {
        await site.remove();
    }
}

async function enduring(site: Flagship, hosts: string[], url: string, seconds: number) {
    const most = hosts.map((host): Most => ({ host, used: 0, units: new Map(), swapped: 0, killed: 0 }));
    const before = await Promise.all(hosts.map((host) => kills(site, host)));
    let isOver = false;
    const watching = Promise.all(
        most.map(async (each) => {
            while (!isOver) {
                await note(site, each);
                await sleep(SAMPLE_MS);
            }
        }),
    );
    const load = await wrk(url, seconds);
    isOver = true;
    await watching;
    for (const [i, each] of most.entries()) each.killed = (await kills(site, each.host)) - before[i]!;
    console.error(`${url}: ${load.perSecond} a second, ${load.lost} of ${load.requests} lost`);
    return { load, hosts: most };
}

const SAMPLE = `cd /sys/fs/cgroup
echo swap $(cat memory.swap.current 2>/dev/null || echo 0)
for stat in memory.stat system.slice/*.service/memory.stat; do
    echo "$stat" "$(sed -n 's/^anon //p' "$stat")"
done`;

async function note(site: Flagship, most: Most): Promise<void> {
    for (const line of (await site.on(most.host, SAMPLE)).split("\n")) {
        const [what = "", bytes] = line.split(" ");
        const megabytes = Math.round(Number(bytes) / 2 ** 20);
        const unit = /([^/]+)\.service\/memory\.stat$/.exec(what)?.[1];
        if (what === "swap") most.swapped = Math.max(most.swapped, megabytes);
        else if (unit) most.units.set(unit, Math.max(most.units.get(unit) ?? 0, megabytes));
        else most.used = Math.max(most.used, megabytes);
    }
}

const kills = async (site: Flagship, host: string) =>
    Number(await site.on(host, "sed -n 's/^oom_kill //p' /sys/fs/cgroup/memory.events"));

function render(taken: Taken[], minutes: number, loads: number[]): string {
    const rows = taken.flatMap(({ role, load, hosts }) =>
        hosts.map(({ host, used, units, swapped, killed }) => {
            const largest = [...units]
                .toSorted(([, one], [, other]) => other - one)
                .slice(0, 3)
                .map(([unit, megabytes]) => `${unit} ${megabytes}`)
                .join(", ");
            return `| ${role}: ${host} | ${load.perSecond} | ${load.lost} of ${load.requests} | ${used} MB | ${largest} | ${swapped} MB | ${killed} |`;
        }),
    );
    return `Written by \`npm run bench -- endurance\`: each role under load for ${minutes} minutes without a break, on hosts of 1 CPU and 1 GB of the local cloud. The page of PHP keeps 40 MB while it works, and twice as many visitors ask for it as there are processes. Memory is what belongs to no file, at most. ${machine(loads)}

| role and host | requests a second | lost | host's memory | of which, MB | swap | ended for want of memory |
|---|---|---|---|---|---|---|
${rows.join("\n")}
`;
}
