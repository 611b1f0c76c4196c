import { findHost } from "../../local/commands/hosts.ts";
import { killContainer } from "../../local/machines/container.ts";
import { succeeds, within } from "../../tools/waiting.ts";
import type { Flagship } from "../support/flagship.ts";
import { cutOff, power, pullPlug } from "./hosts.ts";
import { FOLDER, SYNC_HOSTS } from "./measureSync.ts";

/** Something that fails while two hosts of a two-way sync write. */
export interface SyncFailure {
    name: string;
    /** How it is made. */
    how: string;
    /** Whose writer ends with it: what it wrote until then counts. */
    stops?: string[];
    /** How long it lasts at least. */
    lastsMs?: number;
    make(site: Flagship): Promise<unknown>;
    /** Gives back what the failure took; what heals by itself has none. */
    heal?(site: Flagship): Promise<unknown>;
}

const [CENTRE, OTHER, THIRD] = SYNC_HOSTS as [string, string, string];
const AWAY_MS = 60_000;
const UNIT = "evenkeel-sync-uploads";

const boots = async (site: Flagship, ...hosts: string[]) => {
    await Promise.all(hosts.map((host) => power(site, host, "on")));
    for (const host of hosts) await within(120, `${host} to boot`, () => succeeds(site.on(host, "true")));
};

/** A folder of its own, small, with the same files. */
const SMALL = `systemctl stop ${UNIT} ${UNIT}.socket && mount -t tmpfs -o size=32m none /mnt && cp -a ${FOLDER}/. /mnt/ && mount --move /mnt ${FOLDER} && systemctl start ${UNIT}.socket ${UNIT}`;
const LARGE = `systemctl stop ${UNIT} ${UNIT}.socket && mkdir -p /root/kept && cp -a ${FOLDER}/. /root/kept/ && umount ${FOLDER} && find ${FOLDER} -mindepth 1 -delete && cp -a /root/kept/. ${FOLDER}/ && rm -r /root/kept && systemctl start ${UNIT}.socket ${UNIT}`;

export const syncFailures: SyncFailure[] = [
    {
        name: "centre loses its power",
        how: "plug pulled of the host that exchanges with all others; on again after a minute",
        stops: [CENTRE],
        lastsMs: AWAY_MS,
        make: (site) => pullPlug(site, CENTRE),
        heal: (site) => boots(site, CENTRE),
    },
    {
        name: "another host loses its power",
        how: "plug pulled of a host that is not the centre; on again after a minute",
        stops: [OTHER],
        lastsMs: AWAY_MS,
        make: (site) => pullPlug(site, OTHER),
        heal: (site) => boots(site, OTHER),
    },
    {
        name: "centre cut off",
        how: "its packets dropped both ways, for a minute; its own application writes on",
        lastsMs: AWAY_MS,
        make: (site) => cutOff(site, CENTRE, "both"),
        heal: (site) => cutOff(site, CENTRE, undefined),
    },
    {
        name: "another host cut off",
        how: "its packets dropped both ways, for a minute; its own application writes on",
        lastsMs: AWAY_MS,
        make: (site) => cutOff(site, OTHER, "both"),
        heal: (site) => cutOff(site, OTHER, undefined),
    },
    {
        name: "sync killed in the middle of 200 MB",
        how: "SIGKILL to unison and ssh on the centre while the file is under way",
        async make(site) {
            await site.on(OTHER, `head -c 200M /dev/urandom >/srv/large && mv /srv/large ${FOLDER}/large`);
            await within(60, "the file to be under way", async () =>
                /unison/.test(await site.on(CENTRE, `ls -A ${FOLDER} | grep unison.tmp || true`)),
            );
            await site.on(CENTRE, "pkill --signal=KILL -u sync-uploads 'unison|ssh'");
            // A reader sees all of it or nothing.
            expectWhole(await site.on(CENTRE, SIZES));
        },
    },
    {
        name: "target's disk full",
        how: "of a folder on a disk of 32 MB nothing is left for half a minute; then it is freed",
        lastsMs: 30_000,
        async make(site) {
            // Of the failure before this one, and too large for that disk.
            await site.on(OTHER, `rm -f ${FOLDER}/large`);
            await within(60, "the large file to go", async () => (await site.on(THIRD, SIZES)) === "0");
            await site.on(THIRD, SMALL);
            await site.on(THIRD, `dd if=/dev/zero of=${FOLDER}/filler.part bs=1M 2>/dev/null || true`);
            await site.on(OTHER, `head -c 4M /dev/urandom >${FOLDER}/four`);
        },
        async heal(site) {
            await site.on(THIRD, `rm ${FOLDER}/filler.part`);
            await within(60, "the file that found no room", async () =>
                (await site.on(THIRD, `ls ${FOLDER}`)).includes("four"),
            );
            await site.on(THIRD, LARGE);
        },
    },
    {
        name: "clock of a host an hour ahead",
        how: "what its application writes is dated an hour from now (hosts of the local cloud share a clock)",
        lastsMs: 10_000,
        make: (site) =>
            site.on(
                OTHER,
                `for i in $(seq 50); do echo $i >>${FOLDER}/ahead; touch -d '1 hour' ${FOLDER}/ahead; sleep 0.1; done`,
            ),
    },
    {
        name: "power cut of all hosts",
        how: "every process of all hosts killed at once; all on again at once",
        stops: SYNC_HOSTS,
        make: (site) =>
            Promise.all(
                SYNC_HOSTS.map((host) => killContainer(site.cloud.name, findHost(site.cloud, host).id)),
            ),
        heal: (site) => boots(site, ...SYNC_HOSTS),
    },
];

const SIZES = `stat -c %s ${FOLDER}/large 2>/dev/null || echo 0`;

function expectWhole(size: string): void {
    if (size !== "0" && size !== String(200 * 2 ** 20))
        throw new Error(`a reader saw ${size} bytes of the file`);
}
