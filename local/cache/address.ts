/** Where the hosts of every local cloud find the package cache; link-local, so it clashes with no network. */
export const CACHE_ADDRESS = "169.254.31.42";
export const CACHE_PORT = 3142;
export const CACHE_URL = `http://${CACHE_ADDRESS}:${CACHE_PORT}`;
