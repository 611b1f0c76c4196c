import { type PhpSettings, settingLines } from "./phpSettings.ts";
import type { PhpSizing } from "./sizing.ts";

/** Debian 12's. */
export const PHP_VERSION = "8.2";

/** What PHP-FPM calls a pool. */
export const phpPoolName = (pool: string) => `evenkeel-${pool}`;

/** Where PHP-FPM answers for a pool. */
export const phpSocket = (pool: string) => `/run/php/evenkeel-${pool}.sock`;

/** Where it tells for a pool that it lives. */
export const phpHealthSocket = (pool: string) => `/run/php/evenkeel-${pool}-health.sock`;

/** What it answers there. */
export const PING = "/ping";

/** In seconds: then a request is ended, and its worker is free again. */
export const LONGEST_REQUEST_S = 60;

/**
 * What all pools of a host share: PHP that is compiled already. An application such as WordPress with its plugins takes 60 to
 * 80 MB in some thousand files; PHP's own 128 MB would be an eighth of a gigabyte. Memory is taken when it is used.
 */
export const OPCACHE = `opcache.memory_consumption = {{memory 8}}
opcache.max_accelerated_files = 20000
`;

/** In place of the package's own pool. */
export const NO_POOL = `; Each site has a pool in a file of its own.
[global]
; A reload lets requests finish.
process_control_timeout = ${LONGEST_REQUEST_S}s
`;

/** Whose PHP it is. */
export interface PhpOwner {
    /** Unix user that it runs as. */
    user: string;
    /** Extensions beside those that every pool has. */
    extensions: string[];
}

export interface PhpPool extends PhpSizing, PhpOwner {
    /** Megabytes of a request's body. */
    maxUpload: number;
    /** What asks it, by its name. */
    server: string;
    /** More settings of PHP. */
    settings: PhpSettings;
}

/** Where a pool's PHP has its sessions and unfinished uploads. */
export const siteHome = (pool: string) => `/var/lib/evenkeel/sites/${pool}`;

/** The processes that run PHP for a pool of web hosts, and one that answers for them when all have work. */
export function phpPool(pool: string, php: PhpPool): string {
    const { user, extensions, workers, memoryLimit, maxUpload, server, settings } = php;
    return `${extensions.length > 0 ? `; With the extensions ${extensions.join(", ")}.\n` : ""}[${phpPoolName(pool)}]
${listening(phpSocket(pool), user)}
; Small hosts have better use for the memory of processes that wait.
pm = ondemand
pm.max_children = ${workers}
pm.process_idle_timeout = 60s
; What leaks is forgotten.
pm.max_requests = 500
request_terminate_timeout = ${LONGEST_REQUEST_S}s
php_admin_value[memory_limit] = ${memoryLimit}M
; ${server} has the same limit, and tells of it.
php_admin_value[post_max_size] = ${maxUpload}M
php_admin_value[upload_max_filesize] = ${maxUpload}M
${ownPlaces(pool)}${settingLines(settings)}
[evenkeel-${pool}-health]
${listening(phpHealthSocket(pool), user)}
pm = static
pm.max_children = 1
ping.path = ${PING}
ping.response = ok
`;
}

/** The web server alone may ask: whoever else could would run what it likes as this user. */
const listening = (socket: string, user: string) => `user = ${user}
listen = ${socket}
listen.owner = www-data
listen.group = www-data
listen.mode = 0660`;

const ownPlaces = (pool: string) => `php_value[session.save_path] = ${siteHome(pool)}/sessions
; Debian's own timer sees to other folders.
php_value[session.gc_probability] = 1
php_admin_value[sys_temp_dir] = ${siteHome(pool)}/tmp
php_admin_value[upload_tmp_dir] = ${siteHome(pool)}/tmp
; All pools have one cache of compiled code: who may not read a file does not get it from there either.
php_admin_flag[opcache.validate_permission] = on
`;
