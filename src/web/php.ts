/** Debian 12's. */
export const PHP_VERSION = "8.2";

/** Where PHP-FPM answers for a pool. */
export const phpSocket = (pool: string) => `/run/php/evenkeel-${pool}.sock`;

/** In place of the package's own pool. */
export const NO_POOL = "; Each site has a pool in a file of its own.\n";

/** The processes that run PHP for a pool of web hosts. */
export function phpPool(pool: string, workers: number): string {
    return `[evenkeel-${pool}]
user = www-data
group = www-data
listen = ${phpSocket(pool)}
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
