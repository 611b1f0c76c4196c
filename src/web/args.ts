import type * as pulumi from "@pulumi/pulumi";
import type { HostsArgs } from "../hosts/host.ts";
import type { EngineName } from "./engine.ts";

/**
 * Where an application's files come from. On the hosts each release is a folder /var/www/POOL/releases/ID, named by what is in it;
 * /var/www/POOL/current leads to the one that is served, and /var/www/POOL/shared holds the `writable` folders, which all have in common.
 */
export interface Release {
    /** A folder, from the program's own, as the pool's `folder` is one. */
    folder?: string;
    /** In place of a folder: a .tar or .tar.gz file, from the program's own folder. */
    archive?: string;
    /** SHA-256 of the archive, 64 hexadecimal digits: another one is refused. */
    sha256?: string;
    /** How many releases a host keeps for `npx evenkeel rollback`, 2 to 50. @default 3 */
    keep?: number;
    /** The folder of it that is served, such as "public". @default all of it */
    public?: string;
}

/**
 * Hosts of a pool that are upgraded together, apart from its other groups. What a group does not say is as the pool has it; its
 * `files` and `phpSettings` come on top of the pool's.
 */
export interface PoolGroup {
    /** Lower-case letters, digits and hyphens, a letter first, 40 at most; no other group of the pool has it. */
    name: string;
    /** Names of hosts of the pool, such as "web-0": each of them is in one group. The first one gets what is new before the others. */
    hosts: string[];
    /** @default the pool's `release` */
    release?: Release;
    /** Files on top of the release, such as a page that tells the group. */
    files?: Record<string, pulumi.Input<string>>;
    /** @default the pool's */
    phpWorkers?: number;
    /** @default the pool's */
    phpMemoryLimit?: number;
    phpSettings?: Record<string, string | number | boolean>;
    /** @default the pool's */
    maxUpload?: number;
    /** @default the pool's */
    staticMaxAge?: number;
}

/**
 * What a host has to stand when it has got another release or other settings, judged by the requests that balancers send to it.
 * Health checks are none of them.
 */
export interface Gate {
    /**
     * Percent of its requests that may fail, 0 to 100: those that are answered with 500 or more, and those that a balancer or a
     * visitor has given up after waiting for `latency` (5 s without one). @default 1
     */
    errors?: number;
    /**
     * Milliseconds within which 95 of 100 requests are to be answered, 1 to 60,000; those of the first three seconds do not count, in
     * which pages are compiled. @default no limit
     */
    latency?: number;
    /** For how many seconds a host is watched, 5 to 3,600; less when a limit cannot be kept any more. @default 30 */
    seconds?: number;
    /** How many requests there have to be to judge by, 1 to 100,000. With fewer it passes, and says so. @default 20 */
    requests?: number;
}

/** What PHP answers to visitors who have nothing of their own on a page is kept for a moment, on each host. */
export interface PageCache {
    /** For how long, 1 to 86,400 seconds: visitors may see the page as it was so long ago. What an application says itself (Cache-Control) comes first. */
    seconds: number;
    /**
     * Beginnings of the names of cookies, such as "wordpress_": who has one gets pages of their own, as has everybody who
     * identifies (Authorization). @default any cookie at all
     */
    unlessCookies?: string[];
}

export interface WebPoolArgs extends HostsArgs {
    /**
     * What serves the site: "nginx", or "apache", Debian's apache2 with MPM event. Both serve the same in the same way; neither
     * reads .htaccess. When it changes, each host in turn is out of service for some seconds. @default "nginx"
     */
    engine?: EngineName;
    /**
     * With Apache, modules beside those that the pool needs, by the names that a2enmod takes, such as "status"; each comes with
     * Debian's settings for it and with the modules that it needs. No other ones are loaded, but for those of other pools of the
     * host. @default none
     */
    apacheModules?: string[];
    /** Absolute path of the folder that is served. @default "/var/www/html" */
    documentRoot?: string;
    /**
     * Files to serve: path below the document root, and text. A preview shows the changes of short ones line by line, and
     * of those over 16 kB the name. A secret is readable for PHP alone, and never stands in plain in the stack's state.
     */
    files?: Record<string, pulumi.Input<string>>;
    /**
     * A folder, from the program's own, whose files are served as they are: 100,000 at most, of any length. Only what changed
     * travels, and the stack's state holds checksums alone. Hidden files are left out except `.well-known`, and so are links
     * that lead out of it. `files` come on top.
     */
    folder?: string;
    /** A version of an application that is switched to as a whole, in place of `folder`; `files` are a part of it. */
    release?: Release;
    /**
     * Named groups of the pool's hosts, which `up` brings to their releases and settings one after the other, in this order. Each
     * needs a release, its own or the pool's. @default all hosts are one
     */
    groups?: PoolGroup[];
    /**
     * What has to go well in a group before the next one's turn. When it does not, the release of that group is the former one again by
     * itself, the later groups have not been touched, and `up` fails with a report. @default nothing is watched
     */
    gate?: Gate;
    /** Whether PHP-FPM runs the files that end in .php, with PHP's extension for MariaDB. @default false */
    php?: boolean;
    /**
     * Most PHP requests at once on a host, each in a process of its own, 1 to 1,000. Balancers send four times as many
     * requests at once, most of which are for files; a cluster has to have a connection for each. @default the host's memory by `phpMemoryLimit`, and 2 at least: 8 for 1 GB, 16 for 2 GB.
     * The memory is what the size slug of a host of this program says; any other host is taken for one of 1 GB. Of a host that
     * also holds a database, or another pool with PHP, take a half
     */
    phpWorkers?: number;
    /**
     * Megabytes that a PHP request may take, PHP's memory_limit, 16 to 100,000; one that wants more ends with an error.
     * @default 128: few requests take half of that
     */
    phpMemoryLimit?: number;
    /**
     * More settings of PHP by their names in php.ini, such as `{ "date.timezone": "Europe/Berlin", max_input_vars: 5000 }`;
     * applications cannot change them. OPcache's size follows the host's memory.
     */
    phpSettings?: Record<string, string | number | boolean>;
    /**
     * Unix user that PHP runs as: it reads the site's code and secrets and writes neither. It is made where it is not there,
     * without a password or shell. "www-data" is the web server's own. @default "site-" and the pool's name
     */
    user?: string;
    /**
     * Folders that PHP may write, such as "wp-content/uploads": paths below the document root, or below the release. What is
     * in them is served, and none of it is run. @default none
     */
    writable?: string[];
    /** PHP's extensions beside those that come with it and MariaDB's: "gd" is Debian's package php-gd. @default none */
    phpExtensions?: string[];
    /** Megabytes that a request may bring, an upload with all that belongs to it, 1 to 10,000; more is answered with 413. @default 64 */
    maxUpload?: number;
    /**
     * Networks of the balancers, in CIDR form: what they say in X-Forwarded-For and X-Forwarded-Proto of a visitor's address and
     * scheme reaches PHP and the logs. @default the private ones: 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16
     */
    trustedProxies?: string[];
    /**
     * Seconds for which visitors may keep styles, scripts, images and fonts without asking again (Cache-Control: max-age), 0
     * to 31,536,000, a year: for names or queries that change with what is in the file. It is for files, and not for what PHP
     * answers. @default they are told nothing: browsers ask again when they see fit, and get a short 304
     */
    staticMaxAge?: number;
    /**
     * Keeps pages of PHP, by nginx, 256 MB at most: most visitors of most sites see the same ones. Another release has pages of its
     * own at once. @default each page is made for each visitor
     */
    pageCache?: PageCache;
    /** Whether Pulumi refuses to delete the hosts that it created: for those that hold a database's rows, too. @default false */
    deletionProtection?: boolean;
    /** Port on the private address. @default 80 */
    port?: number;
    /** Path that is answered with 200, for health checks: not the first page, and no part of it encoded. @default "/healthz" */
    healthPath?: string;
}
