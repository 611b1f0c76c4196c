import { dirname } from "node:path";

/** The checkout that these tools belong to. */
export const checkout = dirname(import.meta.dirname);
