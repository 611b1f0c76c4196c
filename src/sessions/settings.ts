/** Seconds after which a page goes on without a store that does not answer. */
export const STORE_TIMEOUT = 0.25;

/** Where a host with PHP has what its pools need. */
export const SESSIONS_FOLDER = "/etc/evenkeel/sessions";

/** The stores as clients see them, by name. */
export const storesBy = (hosts: string[], port: number) =>
    Object.fromEntries(hosts.toSorted().map((host) => [host, { host, port }]));
