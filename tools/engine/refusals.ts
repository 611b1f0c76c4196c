import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheDirectory } from "../../local/directories.ts";

const file = join(cacheDirectory(), "refused-downloads.json");
const DAY_MS = 24 * 60 * 60 * 1000;

type Refusals = Record<string, { at: string; reason: string }>;

/** Why a download failed within the last day: asking again on every run would only cost time. */
export function refusedToday(what: string, now = Date.now()): string | undefined {
    const refusal = read()[what];
    return refusal && isFresh(refusal.at, now) ? refusal.reason : undefined;
}

export function rememberRefusal(what: string, reason: string): void {
    mkdirSync(cacheDirectory(), { recursive: true });
    const refusals = { ...read(), [what]: { at: new Date().toISOString(), reason } };
    writeFileSync(file, `${JSON.stringify(refusals, null, 2)}\n`);
}

export function isFresh(at: string, now: number): boolean {
    const age = now - Date.parse(at);
    return age >= 0 && age < DAY_MS;
}

function read(): Refusals {
    try {
        return JSON.parse(readFileSync(file, "utf8"));
    } catch {
        return {};
    }
}
