import { onTestFinished } from "vitest";
import { within } from "../../tools/waiting.ts";

interface Hosts {
    on(host: string, command: string): Promise<string>;
}

export const FILLER = "/var/lib/mysql/filler";

/** Moves a member's data to a disk of its own, once: a host's root is the machine's disk. */
export const onSmallDisk = ({ on }: Hosts, host: string, kind: "galera" | "replicated") =>
    on(
        host,
        `set -e
mountpoint -q /var/lib/mysql && exit
touch /run/evenkeel/${kind}.hold && systemctl stop mariadb
mkdir /run/former && mount --bind /var/lib/mysql /run/former
mount -t tmpfs -o size=550m,mode=700,uid=$(id -u mysql),gid=$(id -g mysql) small /var/lib/mysql
cp -a /run/former/. /var/lib/mysql/ && umount /run/former
rm /run/evenkeel/${kind}.hold`,
    );

/** Leaves `left` MB, until the filler is removed or the test ends, however it does. */
export function fillDisk({ on }: Hosts, host: string, left = 0): Promise<string> {
    onTestFinished(async () => {
        await on(host, `rm -f ${FILLER}`);
    });
    const free = "df --output=avail -B 1M /var/lib/mysql | tail -n 1";
    return on(
        host,
        left
            ? `fallocate -l $(( $(${free}) - ${left} ))M ${FILLER}`
            : `cat /dev/zero >${FILLER} 2>/dev/null || true`,
    );
}

/** Nothing is left, and MariaDB waits for room, before its member's daemon looks again. */
export async function fillDiskAtOnce({ on }: Hosts, host: string): Promise<void> {
    const daemon = "evenkeel-replicated";
    await on(host, `systemctl kill --signal=STOP ${daemon}`);
    await fillDisk({ on }, host);
    const said = "journalctl -q -o cat _SYSTEMD_INVOCATION_ID=$(systemctl show -P InvocationID mariadb)";
    await within(30, `MariaDB on ${host} to wait for room`, async () =>
        (await on(host, said)).includes("Waiting for someone to free space"),
    );
    await on(host, `systemctl kill --signal=CONT ${daemon}`);
}
