import { type Fields, recorded } from "../kit/fields.ts";
import { equal, type Props, type Value } from "../kit/values.ts";
import { hasStatus } from "./api.ts";

/** `undefined` for what is gone. */
export async function unlessGone<T>(found: Promise<T>): Promise<T | undefined> {
    return found.catch((error) => {
        if (hasStatus(error, 404)) return undefined;
        throw error;
    });
}

/** Puts the official provider's words before an API error. */
export async function explained<T>(words: string, work: Promise<T>): Promise<T> {
    return work.catch((error: Error) => {
        throw Object.assign(error, { message: `${words}: ${error.message}` });
    });
}

/** Nothing where nothing was given and nothing is there, else what is there. */
export function collection(values: Value[] | null | undefined, given: Value | undefined): Value {
    const there = values ?? [];
    return there.length === 0 && (given === undefined || given === null) ? null : there;
}

/** The properties in which two outputs differ, whatever the order of sets. */
export function changed(fields: Fields, olds: Props, news: Props): Set<string> {
    const differs = Object.entries(fields).filter(([name, field]) => {
        const [old, next] = [olds[name] ?? null, news[name] ?? null];
        const both = { ...field };
        delete both.recorded;
        return !equal(recorded(both, old), recorded(both, next));
    });
    return new Set(differs.map(([name]) => name));
}

/** Leaves out what Go's omitempty leaves out. */
export function present(body: Record<string, unknown>): Record<string, unknown> {
    const kept = Object.entries(body).filter(([, value]) => {
        if (value === undefined || value === null || value === "" || value === 0) return false;
        return !Array.isArray(value) || value.length > 0;
    });
    return Object.fromEntries(kept);
}
