/** Seconds after which a page goes on without a store that does not answer: longer than a busy host hesitates, and a page takes less than a second. */
export const STORE_TIMEOUT = 0.6;

/** Seconds for which a page asks again when no store has answered, or only one that may lack what others have. */
export const STORE_PATIENCE = { none: 2, behind: 1 };

/** Where a host with PHP has what its pools need. */
export const SESSIONS_FOLDER = "/etc/evenkeel/sessions";

/** The stores as clients see them, by name. */
export const storesBy = (hosts: string[], port: number) =>
    Object.fromEntries(hosts.toSorted().map((host) => [host, { host, port }]));
