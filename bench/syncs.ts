import { loadavg } from "node:os";
import { deployFlagship, type Flagship, succeeded } from "../test/support/flagship.ts";
import { within } from "../tools/waiting.ts";
import { machine, reportBenchmark, spread } from "./report.ts";

const [SOURCE, TARGET] = ["web-0", "web-1"];
const FOLDERS = 2000;
const FILES = 20_000;
const LINES = 10_000;
const IDLE_S = 30;

const SYNCS = `new evenkeel.FileSync("pages", {
    mode: "oneWay",
    path: "/srv/pages",
    source: web.hosts[0]!,
    targets: [web.hosts[1]!],
    maxDelete: 1_000_000,
});
new evenkeel.FileSync("uploads", { mode: "twoWay", path: "/srv/uploads", hosts: web.hosts });

export const url = `;

/** `npm run bench -- syncs`: how soon files are elsewhere, and what that costs. */
export async function benchSyncs(rounds: number): Promise<void> {
    const site = await deployFlagship("bench-syncs");
    try {
        site.edit("export const url = ", SYNCS);
        succeeded(await site.stack.up());
        const loads: number[] = [];
        const figures = new Map<string, number[]>();
        const measure = async (what: string, work: () => Promise<number>) => {
            loads.push(loadavg()[0]!);
            const seconds = await work();
            figures.set(what, [...(figures.get(what) ?? []), seconds]);
            console.error(`${what}: ${seconds.toFixed(2)}`);
        };
        for (let round = 1; round <= rounds; round++) {
            await measure(ONE_CHANGE, () => latency(site, "/srv/pages", SOURCE, TARGET));
            await measure(TWO_WAYS, () => latency(site, "/srv/uploads", TARGET, SOURCE));
            await measure(TWO_WAYS, () => latency(site, "/srv/uploads", SOURCE, TARGET));
        }
        for (let round = 1; round <= 3; round++) await measure(THOUSAND, () => thousandFiles(site, round));
        await plainSsh(site);
        for (let round = 1; round <= 3; round++) {
            await measure(PLAIN, () => plainRsync(site));
            await measure(FIRST, () => firstCopy(site));
        }
        for (let round = 1; round <= rounds; round++)
            await measure(LATER, () => latency(site, "/srv/pages/folder-7", SOURCE, TARGET));
        await measure(IDLE, () => idle(site, SOURCE, "sync-pages"));
        await site.on(SOURCE, `cp -r /srv/pages /srv/uploads/`);
        await arrived(site, TARGET, "/srv/uploads/pages", FILES);
        await measure(IDLE_TWO_WAYS, () => idle(site, SOURCE, "sync-uploads"));
        const memory = await site.on(SOURCE, MEMORY);
        reportBenchmark("File syncs", render(figures, await lostLines(site), memory, loads));
    } finally {
        await site.remove();
    }
}

const ONE_CHANGE = "oneWay, `delay: 1`: one file is at the target";
const THOUSAND = "oneWay: 1,000 new files";
const PLAIN = `plain rsync of ${FILES} files in ${FOLDERS} folders, as root`;
const FIRST = "oneWay: the first copy of them";
const LATER = "oneWay: one change among them";
const TWO_WAYS = "twoWay: one file is at the other host";
const IDLE = "oneWay: processor time of the source, idle, with these files, %";
const IDLE_TWO_WAYS = "twoWay: the same with as many, %";

/** Their own and that of children which have ended; the groups of these hosts count no time. */
const TICKS = (user: string) =>
    `for pid in $(pgrep -u ${user}); do cat /proc/$pid/stat 2>/dev/null; done | sed 's/.*) //' | awk '{ sum += $12 + $13 + $14 + $15 } END { print sum + 0 }'`;

const MEMORY = `for user in sync-pages sync-uploads; do for pid in $(pgrep -u $user); do cat /proc/$pid/smaps_rollup 2>/dev/null; done | awk '/^Pss:/ { sum += $2 } END { printf "%d MB ", sum / 1e3 }'; done`;

/** Seconds between a write on one host and the file's being there on another; all hosts have one clock. */
async function latency(site: Flagship, folder: string, from: string, to: string): Promise<number> {
    const path = `${folder}/latency-${Date.now()}`;
    const seen = site.on(
        to,
        `python3 -c 'import os, time\nwhile not os.path.exists("${path}"): time.sleep(0.005)\nprint(time.time())'`,
    );
    // Somewhere within the second that changes are gathered in.
    const written = await site.on(from, `sleep 0.$((RANDOM % 9 + 1)); date +%s.%N; echo x >${path}`);
    return Number(await seen) - Number(written);
}

async function thousandFiles(site: Flagship, round: number): Promise<number> {
    const folder = `/srv/pages/thousand-${round}`;
    const seen = site.on(
        TARGET,
        `python3 -c 'import os, time\nwhile not (os.path.isdir("${folder}") and len([n for n in os.listdir("${folder}") if n[0] != "."]) == 1000): time.sleep(0.01)\nprint(time.time())'`,
    );
    const written = await site.on(
        SOURCE,
        `date +%s.%N; mkdir ${folder} && cd ${folder} && seq 1000 | xargs touch`,
    );
    return Number(await seen) - Number(written);
}

const count = async (site: Flagship, host: string, folder: string) =>
    Number(await site.on(host, `find ${folder} -type f ! -name '.*' 2>/dev/null | wc -l`));

const arrived = (site: Flagship, host: string, folder: string, files: number) =>
    within(600, `${files} files on ${host}`, async () => (await count(site, host, folder)) >= files, 100);

const TREE = `rm -rf /srv/pages/* && cd /srv/pages && for i in $(seq ${FOLDERS}); do mkdir folder-$i; for j in $(seq ${FILES / FOLDERS}); do echo "$i $j" >folder-$i/file-$j; done; done`;

/** A way for the plain rsync: a key of root's. */
async function plainSsh(site: Flagship): Promise<void> {
    await site.on(SOURCE, TREE);
    const key = await site.on(SOURCE, "ssh-keygen -q -t ed25519 -N '' -f /root/plain && cat /root/plain.pub");
    await site.on(TARGET, `mkdir -p /root/.ssh /srv/plain && echo '${key}' >>/root/.ssh/authorized_keys`);
    await arrived(site, TARGET, "/srv/pages", FILES);
}

async function plainRsync(site: Flagship): Promise<number> {
    await site.on(TARGET, "rm -rf /srv/plain/* && sync");
    const ssh =
        "ssh -i /root/plain -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR";
    const [from, to] = (
        await site.on(
            SOURCE,
            `date +%s.%N; rsync -a -e '${ssh}' /srv/pages/ ${TARGET}:/srv/plain/; date +%s.%N`,
        )
    ).split("\n");
    return Number(to) - Number(from);
}

/** From the daemon's start, as it is after an `up`, to the last file. */
async function firstCopy(site: Flagship): Promise<number> {
    await site.on(SOURCE, "systemctl stop evenkeel-sync-pages");
    await site.on(TARGET, "find /srv/pages -mindepth 1 ! -name .evenkeel-sync -delete; sync");
    const seen = site.on(
        TARGET,
        `python3 -c 'import os, time\ndef count(): return sum(len([n for n in names if n[0] != "."]) for _, _, names in os.walk("/srv/pages"))\nwhile count() < ${FILES}: time.sleep(0.1)\nprint(time.time())'`,
    );
    const started = await site.on(SOURCE, "date +%s.%N; systemctl start evenkeel-sync-pages");
    return Number(await seen) - Number(started.split("\n")[0]);
}

/** Processor time of all processes of an account, in percent of one processor. */
async function idle(site: Flagship, host: string, user: string): Promise<number> {
    const used = async () => Number(await site.on(host, TICKS(user))) / 100;
    // What the last changes have begun is over.
    await within(60, `${user} to be idle`, async () => {
        const before = await used();
        await new Promise((resolve) => setTimeout(resolve, 2000));
        return (await used()) - before < 0.05;
    });
    const before = await used();
    await new Promise((resolve) => setTimeout(resolve, IDLE_S * 1000));
    return (100 * ((await used()) - before)) / IDLE_S;
}

/** Both hosts append lines to files of their own, as logs and forms do. */
async function lostLines(site: Flagship): Promise<number> {
    const hosts = [SOURCE, TARGET];
    await Promise.all(
        hosts.map((host) =>
            site.on(
                host,
                `cd /srv/uploads && for i in $(seq ${LINES / 2}); do echo "$i" >>lines-${host}; [ $((i % 50)) != 0 ] || sleep 0.1; done`,
            ),
        ),
    );
    const lines = async (host: string) => Number(await site.on(host, "cat /srv/uploads/lines-* | wc -l"));
    await within(60, "the same lines on both hosts", async () => {
        const [one, other] = await Promise.all(hosts.map(lines));
        return one === other && one === LINES;
    }).catch(() => {});
    return LINES - Math.min(...(await Promise.all(hosts.map(lines))));
}

const PROMISES: Record<string, string> = {
    [ONE_CHANGE]: "1.3 s or less",
    [THOUSAND]: "2.5 s or less",
    [LATER]: "1.5 s or less",
    [TWO_WAYS]: "2 s or less",
    [IDLE]: "below 1",
    [IDLE_TWO_WAYS]: "below 1",
};

function render(figures: Map<string, number[]>, lost: number, memory: string, loads: number[]): string {
    const rows = [...figures].map(([what, values]) => {
        const [median, least, greatest] = spread(values).map((value) => value.toFixed(2));
        return `| ${what} | ${median} / ${least} / ${greatest} | ${PROMISES[what] ?? ""} |`;
    });
    const ratio = spread(figures.get(FIRST)!)[0] / spread(figures.get(PLAIN)!)[0];
    return `Written by \`npm run bench -- syncs\` on ${new Date().toISOString().slice(0, 10)}: two web hosts of the local cloud, 1 CPU and 1 GB each. ${machine(loads)}

| what | seconds: median / min / max | promise of the median |
|---|---|---|
${rows.join("\n")}

First copy ÷ plain rsync: **${ratio.toFixed(2)}** (promise: 1.1 or less). Both hosts appended ${LINES / 2} lines each to files of their own: **${lost} of ${LINES} lost**. Memory of the source's units for one way and for two: ${memory.trim()}.
`;
}
