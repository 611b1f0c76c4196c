import { InvalidInput } from "./errors.ts";

export type Body = Record<string, unknown>;

/** Readers for request bodies: the value, undefined when it is absent or null, or a refusal. */
export function asBody(value: unknown): Body {
    if (value === undefined || value === null) return {};
    if (typeof value !== "object" || Array.isArray(value))
        throw new InvalidInput("The body must be an object");
    return value as Body;
}

export function string(body: Body, name: string): string | undefined {
    const value = body[name] ?? undefined;
    if (value !== undefined && typeof value !== "string") throw new InvalidInput(`${name} must be a string`);
    return value;
}

export function requiredString(body: Body, name: string): string {
    const value = string(body, name);
    if (value === undefined || value === "") throw new InvalidInput(`${name} is required`);
    return value;
}

export function boolean(body: Body, name: string): boolean | undefined {
    const value = body[name] ?? undefined;
    if (value !== undefined && typeof value !== "boolean")
        throw new InvalidInput(`${name} must be a boolean`);
    return value;
}

export function integer(body: Body, name: string): number | undefined {
    const value = body[name] ?? undefined;
    if (value !== undefined && !Number.isInteger(value)) throw new InvalidInput(`${name} must be an integer`);
    return value as number | undefined;
}

export function list(body: Body, name: string): unknown[] {
    const value = body[name] ?? [];
    if (!Array.isArray(value)) throw new InvalidInput(`${name} must be an array`);
    return value;
}

export function strings(body: Body, name: string): string[] {
    return list(body, name).map((item) => {
        if (typeof item !== "string") throw new InvalidInput(`${name} must be an array of strings`);
        return item;
    });
}

export function integers(body: Body, name: string): number[] {
    return list(body, name).map((item) => {
        if (!Number.isInteger(item)) throw new InvalidInput(`${name} must be an array of integers`);
        return item as number;
    });
}

/** A path parameter that is a number, or -1, which nothing has as its id. */
export function idOf(text: string): number {
    return /^\d{1,15}$/.test(text) ? Number(text) : -1;
}
