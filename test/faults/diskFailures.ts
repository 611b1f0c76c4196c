import { within } from "../../tools/waiting.ts";
import type { DatabaseStack } from "../support/databases.ts";
import type { DatabaseFailure } from "./databaseFailure.ts";

export type Kind = "galera" | "replicated";

/** A member's disk that is full, until it is healed; the member has a small disk of its own until `onRootDisks`. */
export interface DiskFailure extends DatabaseFailure {
    host: string;
    /** For the rows that a client writes meanwhile. */
    table: string;
    prepare(db: DatabaseStack): Promise<unknown>;
    heal(db: DatabaseStack): Promise<unknown>;
}

const MEMBERS = ["db-0", "db-1", "db-2"];
export const FILLER = "/var/lib/mysql/filler";

/** What MariaDB says that needs room and finds none. */
const FULL = { galera: "Inconsistency detected", replicated: "Waiting for someone to free space" };

interface Filling {
    how: string;
    fill(db: DatabaseStack, host: string, kind: Kind): Promise<unknown>;
}

const LITTLE: Filling = { how: "50 MB are left", fill: (db, host) => fillDisk(db, host, 50) };
const NOTHING: Filling = { how: "nothing is left", fill: (db, host) => fillDisk(db, host, 0) };
/** Without its daemon's answers a primary would be replaced, whatever its disk. */
const ASLEEP: Filling = { how: "nothing is left, the daemon asleep", fill: fillUnseen };

interface Victim {
    who: string;
    host: string;
    /** Who is made the primary before. */
    leader?: string;
    promiseMs: number;
    fillings: Filling[];
}

const VICTIMS: Record<Kind, Victim[]> = {
    galera: [
        { who: "another member", host: "db-2", promiseMs: 2700, fillings: [LITTLE, ASLEEP] },
        { who: "the writer", host: "db-0", promiseMs: 4000, fillings: [LITTLE, ASLEEP] },
    ],
    replicated: [
        { who: "a replica", host: "db-1", leader: "db-0", promiseMs: 1000, fillings: [LITTLE, ASLEEP] },
        { who: "the primary", host: "db-1", leader: "db-1", promiseMs: 10_000, fillings: [LITTLE, NOTHING] },
    ],
};

export function diskFailures(kind: Kind): DiskFailure[] {
    return VICTIMS[kind].flatMap(({ who, host, leader, promiseMs, fillings }, victim) =>
        fillings.map(({ how, fill }, filling) => ({
            name: `disk of ${who} full`,
            how,
            promiseMs,
            host,
            table: `disk_${victim}_${filling}`,
            async prepare(db) {
                await onSmallDisk(db, host, kind);
                await db.synced(MEMBERS);
                if (leader) await db.on(leader, `${program(kind)} switchover ${leader}`);
            },
            async make(db) {
                await fill(db, host, kind);
                await within(60, `${host} to leave`, () => hasLeft(db, host, kind));
            },
            heal: (db) => db.on(host, `systemctl kill --signal=CONT evenkeel-${kind}; rm -f ${FILLER}`),
        })),
    );
}

const program = (kind: Kind) => `${kind}-member`;

async function hasLeft({ on }: DatabaseStack, host: string, kind: Kind): Promise<boolean> {
    const [asked] = MEMBERS.filter((member) => member !== host);
    const states = JSON.parse(await on(asked!, `${program(kind)} status`)) as Record<
        string,
        { process: string } | null
    >;
    return states[host]?.process === "stopped";
}

/** Moves a member's data to a disk of its own, once: a host's root is the machine's disk. */
const onSmallDisk = ({ on }: DatabaseStack, host: string, kind: Kind) =>
    on(
        host,
        `set -e
mountpoint -q /var/lib/mysql && exit
mkdir -p /run/evenkeel && touch /run/evenkeel/${kind}.hold && systemctl stop mariadb
mkdir /run/former && mount --bind /var/lib/mysql /run/former
mount -t tmpfs -o size=550m,mode=700,uid=$(id -u mysql),gid=$(id -g mysql) small /var/lib/mysql
cp -a /run/former/. /var/lib/mysql/ && umount /run/former
# A service has the mounts of its beginning.
systemctl restart evenkeel-${kind}
rm /run/evenkeel/${kind}.hold`,
    );

/** Has all members' data where they were before: a folder that is a mount cannot change its name, as a restore has it do. */
export async function onRootDisks(db: DatabaseStack, kind: Kind): Promise<void> {
    for (const host of MEMBERS) {
        await db.on(
            host,
            `set -e
mountpoint -q /var/lib/mysql || exit 0
systemctl stop evenkeel-${kind} mariadb
mkdir -p /run/root && mount --bind / /run/root
find /run/root/var/lib/mysql -mindepth 1 -delete
cp -a /var/lib/mysql/. /run/root/var/lib/mysql/
umount /run/root /var/lib/mysql
systemctl start evenkeel-${kind}`,
        );
        await db.synced(MEMBERS, 120);
    }
}

/** Leaves so many MB. */
export function fillDisk({ on }: DatabaseStack, host: string, left: number): Promise<string> {
    if (left === 0) return on(host, `cat /dev/zero >${FILLER} 2>/dev/null || true`);
    const free = "$(df --output=avail -B 1M /var/lib/mysql | tail -n 1)";
    return on(host, `fallocate -l $(( ${free} - ${left} ))M ${FILLER}`);
}

/** Nothing is left, and MariaDB has noticed, before its member's daemon looks again. */
async function fillUnseen(db: DatabaseStack, host: string, kind: Kind): Promise<void> {
    await db.on(host, `systemctl kill --signal=STOP evenkeel-${kind}`);
    await fillDisk(db, host, 0);
    const said = "journalctl -q -o cat _SYSTEMD_INVOCATION_ID=$(systemctl show -P InvocationID mariadb)";
    const journal = () => db.on(host, said);
    await within(30, `MariaDB on ${host} to need room`, async () => (await journal()).includes(FULL[kind]));
    await db.on(host, `systemctl kill --signal=CONT evenkeel-${kind}`);
}
