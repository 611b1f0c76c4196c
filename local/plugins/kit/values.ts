import { isDeepStrictEqual } from "node:util";

export type Value = null | boolean | number | string | Value[] | { [key: string]: Value };
export type Props = { [key: string]: Value };

// What the engine's wire format puts where a value is not known yet, one for each type.
const unknownMarks = new Set([
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "030794c1-ac77-496b-92df-f27374a8bd58",
    "e48ece36-62e2-4504-bad9-02848725956a",
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

export function isUnknown(value: Value | undefined): boolean {
    return typeof value === "string" && unknownMarks.has(value);
}

export function isObject(value: Value | undefined): value is Props {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function secret(value: Value): Value {
    return isSecret(value) ? value : { [signature]: secretSignature, value };
}

function isSecret(value: Value): value is Props {
    return isObject(value) && value[signature] === secretSignature;
}

export function reveal(value: Value): Value {
    if (isSecret(value)) return reveal(value.value ?? null);
    if (Array.isArray(value)) return value.map(reveal);
    return isObject(value) ? revealAll(value) : value;
}

export function revealAll(props: Props): Props {
    return Object.fromEntries(Object.entries(props).map(([key, value]) => [key, reveal(value)]));
}

export function markSecret(props: Props, names: readonly string[]): Props {
    const marked = { ...props };
    for (const name of names) {
        const value = marked[name];
        if (value !== undefined && value !== null) marked[name] = secret(value);
    }
    return marked;
}

/** Nulls and missing properties mean the same to a provider. */
export function withoutNulls(props: Props): Props {
    return Object.fromEntries(
        Object.entries(props).filter(([, value]) => value !== null && value !== undefined),
    );
}

/** What is not known yet counts as not there. */
export function withoutUnknown(props: Props): Props {
    return Object.fromEntries(
        Object.entries(props).map(([name, value]) => [name, isUnknown(value) ? null : value]),
    );
}

export const equal: (a: unknown, b: unknown) => boolean = isDeepStrictEqual;

export function text(value: Value | undefined): string {
    return value === undefined || value === null ? "" : String(value);
}

export function list(value: Value | undefined): Value[] {
    return Array.isArray(value) ? value : [];
}

export function texts(value: Value | undefined): string[] {
    return list(value).map(text);
}
