import { within } from "../../tools/waiting.ts";
import type { Flagship } from "../support/flagship.ts";
import type { SyncFailure } from "./syncFailures.ts";

export const FOLDER = "/srv/uploads";
/** The first one is the centre; the first two write. */
export const SYNC_HOSTS = ["web-0", "web-1", "lb-1"];
const WRITERS = SYNC_HOSTS.slice(0, 2);
/** Lines of each writer before anything fails: what fails at once has something to lose. */
const ENOUGH = 60;

export const TWO_WAY_SYNC = `new evenkeel.FileSync("uploads", {
    mode: "twoWay",
    path: "${FOLDER}",
    hosts: [...web.hosts, lb.hosts[1]!],
    exclude: ["*.part"],
});

export const url = `;

export interface MeasuredSync {
    /** Seconds from the end of the failure until all hosts have the same. */
    gapMs: number;
    /** Lines that were written. */
    lines: number;
    /** Those of them that a host lacks in the end. */
    lost: number;
}

const file = (host: string) => `${FOLDER}/lines-${host}`;

const WRITE = (host: string) =>
    `i=0; while [ ! -e /run/stop-writing ]; do i=$((i + 1)); echo "$i" >>${file(host)}; sleep 0.02; done`;

/** Makes something fail while two hosts append lines to files of their own, until all hosts have all of them. */
export async function measureSync(site: Flagship, failure: SyncFailure): Promise<MeasuredSync> {
    await same(site, 60);
    for (const host of WRITERS) await site.on(host, `rm -f /run/stop-writing ${file(host)}`);
    const written = WRITERS.map((host) => site.on(host, WRITE(host)).catch(() => ""));
    let ended = performance.now();
    try {
        const begun = performance.now();
        for (const host of WRITERS)
            await within(10, `lines on ${host}`, async () => (await lines(site, host, host)) > ENOUGH);
        await failure.make(site);
        const left = (failure.lastsMs ?? 0) - (performance.now() - begun);
        if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
        await failure.heal?.(site);
        ended = performance.now();
    } finally {
        for (const host of WRITERS) await site.on(host, "touch /run/stop-writing");
        await Promise.all(written);
    }
    await same(site, 180);
    const gapMs = Math.round(performance.now() - ended);
    const of = async (writer: string) => {
        const all = await Promise.all(SYNC_HOSTS.map((host) => lines(site, host, writer)));
        const last = await site.on(writer, `tail -n 1 ${file(writer)}`);
        return { lines: Number(last), lost: Number(last) - Math.min(...all) };
    };
    const counted = await Promise.all(WRITERS.map(of));
    for (const host of WRITERS) await site.on(host, "rm -f /run/stop-writing");
    return {
        gapMs,
        lines: counted.reduce((sum, each) => sum + each.lines, 0),
        lost: counted.reduce((sum, each) => sum + each.lost, 0),
    };
}

const lines = async (site: Flagship, host: string, writer: string) =>
    Number(await site.on(host, `cat ${file(writer)} 2>/dev/null | wc -l`));

/** What lost a conflict stays on its host. */
const LISTING = `cd ${FOLDER} && find . -type f ! -name .evenkeel-sync ! -name '*.part' ! -name '.unison*' ! -name '*(conflict*_on_*' -print0 | LC_ALL=C sort -z | xargs -0r sha256sum`;

/** Waits until all hosts have the same files. */
async function same(site: Flagship, seconds: number): Promise<void> {
    await within(
        seconds,
        `${FOLDER} to be the same on ${SYNC_HOSTS.join(", ")}`,
        async () => {
            const trees = await Promise.all(
                SYNC_HOSTS.map((host) => site.on(host, LISTING).catch(() => `${host} does not answer`)),
            );
            return new Set(trees).size === 1;
        },
        500,
    );
}
