interface Hosts {
    on(host: string, command: string): Promise<string>;
}

export const FILLER = "/var/lib/mysql/filler";

/** Moves a member's data to a disk of its own: a host's root is the machine's disk. */
export const onSmallDisk = ({ on }: Hosts, host: string, kind: "galera" | "replicated") =>
    on(
        host,
        `set -e
touch /run/evenkeel/${kind}.hold && systemctl stop mariadb
mkdir /run/former && mount --bind /var/lib/mysql /run/former
mount -t tmpfs -o size=550m,mode=700,uid=$(id -u mysql),gid=$(id -g mysql) small /var/lib/mysql
cp -a /run/former/. /var/lib/mysql/ && umount /run/former
rm /run/evenkeel/${kind}.hold`,
    );

export const fillDisk = ({ on }: Hosts, host: string) =>
    on(host, `cat /dev/zero >${FILLER} 2>/dev/null || true`);
