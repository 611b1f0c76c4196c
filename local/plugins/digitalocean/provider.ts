import type { Provider } from "../kit/resource.ts";

/** Stands in for pulumi-digitalocean. */
export const digitalocean: Omit<Provider, "version"> = { resources: {} };
