import { hostFolder } from "../hosts/names.ts";
import { type Check, text } from "../hosts/shape.ts";
import { when } from "../hosts/validation.ts";

/** What belongs to each host alone, with all that is below it. */
const HOSTS_OWN = [
    ...[
        "/home",
        "/lost+found",
        "/usr/bin",
        "/usr/games",
        "/usr/include",
        "/usr/lib",
        "/usr/lib32",
        "/usr/lib64",
    ],
    ...[
        "/usr/libexec",
        "/usr/libx32",
        "/usr/sbin",
        "/usr/src",
        "/usr/local/bin",
        "/usr/local/lib",
        "/usr/local/sbin",
    ],
    ...[
        "/var/backups",
        "/var/cache",
        "/var/crash",
        "/var/lock",
        "/var/log",
        "/var/mail",
        "/var/run",
        "/var/spool",
    ],
    ...["/var/tmp", "/var/lib/apt", "/var/lib/containers", "/var/lib/dbus", "/var/lib/dhcp", "/var/lib/dpkg"],
    ...["/var/lib/evenkeel", "/var/lib/haproxy", "/var/lib/mysql", "/var/lib/pam"],
    ...[
        "/var/lib/php",
        "/var/lib/private",
        "/var/lib/systemd",
        "/var/lib/ucf",
        "/var/lib/unattended-upgrades",
    ],
];
/** What has such things in it. */
const HOSTS_OWN_AS_A_WHOLE = [
    ...[
        "/media",
        "/mnt",
        "/opt",
        "/usr/local",
        "/usr/local/etc",
        "/usr/local/share",
        "/usr/share",
        "/var/lib",
    ],
    ...["/var/local", "/var/opt"],
];

/** A folder that may be the same on several hosts: deletions reach all of them. */
export const syncPath: Check = (at, value) => {
    const problems = hostFolder(at, value);
    if (problems.length > 0) return problems;
    const path = String(value);
    const isHostsOwn = HOSTS_OWN.some((own) => `${path}/`.startsWith(`${own}/`));
    return when(
        isHostsOwn || HOSTS_OWN_AS_A_WHOLE.includes(path),
        at,
        `"${path}" is each host's own: take a folder of the application, such as /srv/www/uploads`,
    );
};

/**
 * A pattern that rsync, lsyncd and unison read alike: no classes and choices, which differ; a slash at the beginning alone, as in
 * the middle they differ, too; none of the words with which rsync's filters begin.
 */
export const excludePattern = text(
    "a pattern of names",
    (pattern) =>
        pattern.length <= 200 &&
        pattern.isWellFormed() &&
        !/\p{Cc}|\p{Zl}|\p{Zp}|[[\]{}"\\]/u.test(pattern) &&
        pattern.trim() === pattern &&
        /^([^/]+|(\/[^/]+)+)$/.test(pattern) &&
        !/^([!+-] |[#;!])|\*\*/.test(pattern) &&
        !pattern.split("/").some((part) => part === "." || part === ".."),
    'write it as "*.tmp" or "/cache", with * and ? for any text and any letter',
);

const SECONDS = { s: 1, min: 60, h: 3600 } as const;
const SPAN = /^([1-9]\d{0,5})(s|min|h)$/;

/** Seconds of a time such as "30s", "1min" or "1h". */
export function secondsOf(span: string): number {
    const [, count, unit] = SPAN.exec(span)!;
    return Number(count) * SECONDS[unit as keyof typeof SECONDS];
}

/** In seconds: less is what `oneWay` and a watched `twoWay` are for. */
const SHORTEST = 5;
const LONGEST = 86_400;

export const interval = text(
    "an interval",
    (span) => SPAN.test(span) && secondsOf(span) >= SHORTEST && secondsOf(span) <= LONGEST,
    'write it as "30s", "1min" or "1h", from 5 s to 24 h',
);

export const group = text("the name of a Unix group", /^[a-z_][a-z0-9_-]{0,31}$/, 'write it as "www-data"');
