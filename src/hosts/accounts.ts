import { createHash } from "node:crypto";

/** What Debian's tools take. */
const LONGEST = 32;

/** The name of a component's Unix account: its own behind a prefix, or of a long one the beginning and a checksum. */
export function accountName(prefix: string, component: string): string {
    if (prefix.length + component.length <= LONGEST) return `${prefix}${component}`;
    const sum = createHash("sha256").update(component).digest("hex").slice(0, 8);
    return `${prefix}${component.slice(0, LONGEST - prefix.length - sum.length - 1)}-${sum}`;
}

/** Of numbers that Debian leaves to the administrator, far above where its tools begin. */
const NUMBERS = { from: 20_000, count: 30_000 };

/** The number that a user's name comes to: hosts that were made at different times have the same one. */
export const accountNumber = (user: string): number =>
    NUMBERS.from + (createHash("sha256").update(user).digest().readUInt32BE() % NUMBERS.count);
