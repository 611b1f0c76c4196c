import { equal, isObject, isUnknown, list, type Props, UNKNOWN, type Value } from "./values.ts";

/** One property of a resource, as the provider's own schema has it. */
export interface Field {
    type: "string" | "number" | "boolean" | "list" | "set" | "map" | "object";
    /** What a list, set or map holds. */
    of?: Field;
    /** What an object holds. */
    fields?: Fields;
    /** A change needs a new resource; a function may decide by the recorded value. */
    replace?: boolean | ((old: Value, next: Value) => boolean);
    /** The provider fills it in when it is not given. */
    computed?: boolean;
    /** Only ever filled in by the provider. */
    output?: boolean;
    default?: Value;
    /** What is recorded for a given input. */
    recorded?: (input: Value) => Value;
    /** Different spellings of the same value. */
    same?: (old: Value, next: Value, news: Props) => boolean;
    autoname?: boolean;
    secret?: boolean;
}

export type Fields = Record<string, Field>;

export const string: Field = { type: "string" };
export const number: Field = { type: "number" };
export const boolean: Field = { type: "boolean" };
export const strings: Field = { type: "list", of: string };
export const stringSet: Field = { type: "set", of: string };
export const numberSet: Field = { type: "set", of: number };
export const stringMap: Field = { type: "map", of: string };

export function replacing(field: Field): Field {
    return { ...field, replace: true };
}

export function output(field: Field): Field {
    return { ...field, output: true };
}

export function computed(field: Field): Field {
    return { ...field, computed: true };
}

export function isInput(field: Field): boolean {
    return field.output !== true;
}

/** Inputs may come as text where the provider wants a number and the other way round. */
export function coerce(field: Field, value: Value): Value {
    if (isUnknown(value) || value === null) return value;
    if (Array.isArray(value)) return value.map((item) => (field.of ? coerce(field.of, item) : item));
    if (isObject(value)) {
        const entries = Object.entries(value).filter(([, item]) => item !== null);
        const inner = (name: string): Field | undefined => field.fields?.[name] ?? field.of;
        return Object.fromEntries(entries.map(([name, item]) => [name, coerce(inner(name) ?? string, item)]));
    }
    if (field.type === "string") return String(value);
    if (
        field.type === "number" &&
        typeof value === "string" &&
        value.trim() !== "" &&
        !Number.isNaN(Number(value))
    )
        return Number(value);
    if (field.type === "boolean" && typeof value === "string") return value === "true";
    return value;
}

/** A value as it stands in the recorded outputs: nothing left out in nested objects, sets in order. */
export function recorded(field: Field, value: Value): Value {
    if (value === null || isUnknown(value)) return value;
    if (field.recorded) return field.recorded(value);
    if (field.type === "set")
        return list(value)
            .map((item) => recorded(field.of ?? string, item))
            .sort(setOrder);
    if (field.type === "list") return list(value).map((item) => recorded(field.of ?? string, item));
    if (field.fields && isObject(value)) {
        const entries = Object.entries(field.fields).map(([name, inner]): [string, Value] => {
            const given = value[name];
            return [name, given === undefined || given === null ? empty(inner) : recorded(inner, given)];
        });
        return Object.fromEntries(entries);
    }
    return value;
}

function empty(field: Field): Value {
    if (field.default !== undefined) return field.default;
    if (field.type === "set" || field.type === "list") return [];
    if (field.type === "map" || field.type === "object") return {};
    return field.type === "string" ? "" : field.type === "number" ? 0 : false;
}

export function isEmpty(value: Value | undefined): boolean {
    if (value === null || value === undefined || value === "" || value === 0 || value === false) return true;
    if (Array.isArray(value)) return value.length === 0;
    return isObject(value) && Object.keys(value).every((name) => name === "__defaults");
}

// Terraform keeps sets of objects in the order of their attributes' values, by attribute name.
function setOrder(a: Value, b: Value): number {
    if (typeof a === "number" && typeof b === "number") return a - b;
    const [left, right] = [orderKey(a), orderKey(b)];
    return left < right ? -1 : left > right ? 1 : 0;
}

function orderKey(value: Value): string {
    if (!isObject(value)) return Array.isArray(value) ? value.map(orderKey).join(";") : String(value);
    const names = Object.keys(value).sort();
    return names.map((name) => JSON.stringify(orderKey(value[name] ?? ""))).join(";");
}

/** Whether two set elements are the same to the provider. */
export function sameElement(field: Field, a: Value, b: Value): boolean {
    if (field.same) return field.same(a, b, {});
    return equal(recorded(field, withoutDefaults(a)), recorded(field, withoutDefaults(b)));
}

function withoutDefaults(value: Value): Value {
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).filter(([name]) => name !== "__defaults"));
}

/** The outputs that a create (no `olds`) or an update would lead to, as far as they are known beforehand. */
export function plan(fields: Fields, news: Props, olds?: Props): Props {
    const planned: Props = {};
    for (const [name, field] of Object.entries(fields)) {
        const old = olds?.[name];
        const given = news[name];
        if (field.output) planned[name] = olds ? (old ?? null) : UNKNOWN;
        else if (given !== undefined && given !== null) {
            const keeps = old !== undefined && old !== null && field.same?.(old, given, news);
            planned[name] = keeps ? old : recorded(field, withoutDefaults(given));
        } else if (field.default !== undefined) planned[name] = field.default;
        else if (field.computed) planned[name] = olds ? (old ?? null) : UNKNOWN;
        else planned[name] = isEmpty(old) ? (old ?? null) : null;
    }
    return planned;
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

/** Nothing where nothing was given and nothing is there, else what is there. */
export function collection(values: Value[] | null | undefined, given: Value | undefined): Value {
    const there = values ?? [];
    return there.length === 0 && (given === undefined || given === null) ? null : there;
}
