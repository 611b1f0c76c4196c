/** Debian 12's. */
export const PHP_VERSION = "8.2";
export const PHP_SOCKET = `/run/php/php${PHP_VERSION}-fpm.sock`;

/** The pool of processes that run PHP, in place of the package's own. */
export function phpPool(workers: number): string {
    return `[www]
user = www-data
group = www-data
listen = ${PHP_SOCKET}
listen.owner = www-data
listen.group = www-data
; Small hosts have better use for the memory of processes that wait.
pm = ondemand
pm.max_children = ${workers}
pm.process_idle_timeout = 60s
; What leaks is forgotten.
pm.max_requests = 500
`;
}
