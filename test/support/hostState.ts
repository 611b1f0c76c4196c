import type { Cloud } from "../../local/clouds/clouds.ts";
import { onHost } from "./flagship.ts";

/** What package managers and the system itself write all the time. */
const RESTLESS = [
    // What was before the last change of users, who have lines of their own.
    "/etc/passwd-",
    "/etc/shadow-",
    "/etc/group-",
    "/etc/gshadow-",
    "/var/lib/apt",
    "/var/lib/dpkg",
    "/var/lib/ucf",
    // Once a day, at midnight.
    "/var/lib/logrotate/*",
    "/var/lib/haproxy/dev/*",
    "/var/lib/nginx/*",
    "/var/lib/systemd/deb-systemd-*",
    "/var/lib/systemd/random-seed",
];
/** A database's own files differ from start to start: that they are there is enough. */
const BY_NAME = ["/var/lib/mysql"];

/** What is on a host and what runs on it, a line each: files, units, timers, ports, users, rules. */
export function hostState(cloud: Cloud, host: string): Promise<string> {
    const pruned = [...RESTLESS, ...BY_NAME].map((path) => `-path '${path}'`).join(" -o ");
    return onHost(
        cloud,
        host,
        `find /etc /usr/local /var/lib -xdev \\( ${pruned} \\) -prune -o -printf '%p %y %m %u:%g %l\\n' | sort
find /etc /usr/local /var/lib -xdev \\( ${pruned} \\) -prune -o -type f -print0 | sort -z | xargs -0 sha256sum
find ${BY_NAME.join(" ")} -maxdepth 1 -type d
systemctl list-unit-files --plain --no-legend | awk '{ print "unit file", $1, $2 }' | sort
systemctl list-units --plain --no-legend --type=service,timer,socket | awk '$1 !~ /^user(-runtime-dir)?@/ { print "unit", $1, $3 }' | sort
ss -Hltnu | awk '{ print "port", $1, $5 }' | sort -u
ip -o link | awk '{ print "interface", $2 }'; ip -4 -o address | awk '{ print "address", $2, $4 }'
getent passwd; getent group; nft list ruleset`,
    );
}

/** Lines that one text has and the other one has not. */
export function changedLines(before: string, after: string): string[] {
    const [old, now] = [new Set(before.split("\n")), new Set(after.split("\n"))];
    return [
        ...[...old].filter((line) => !now.has(line)).map((line) => `- ${line}`),
        ...[...now].filter((line) => !old.has(line)).map((line) => `+ ${line}`),
    ];
}
