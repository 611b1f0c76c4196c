import { type Field, type Fields, isEmpty, isInput, sameElement } from "./fields.ts";
import type { DiffKind } from "./resource.ts";
import { equal, isObject, isUnknown, list, type Props, type Value } from "./values.ts";

type Details = Record<string, DiffKind>;

/** The change from the recorded outputs to what the new inputs ask for, path by path, as the official providers tell it. */
export function diffFields(fields: Fields, olds: Props, news: Props): Details {
    const details: Details = {};
    for (const [name, field] of Object.entries(fields)) {
        if (!isInput(field)) continue;
        const old = olds[name] ?? null;
        const given = news[name] ?? field.default ?? null;
        if (given === null && (field.computed || isEmpty(old))) continue;
        if (given !== null && !isUnknown(given) && old !== null && field.same?.(old, given, news)) continue;
        const next = given !== null && !isUnknown(given) && field.recorded ? field.recorded(given) : given;
        Object.assign(details, diffValue(name, field, old, next, decide(field, old, next)));
    }
    return details;
}

function decide(field: Field, old: Value, next: Value): boolean {
    return typeof field.replace === "function" ? field.replace(old, next) : field.replace === true;
}

function kind(base: "add" | "delete" | "update", replaces: boolean): DiffKind {
    return replaces ? `${base}-replace` : base;
}

function diffValue(path: string, field: Field, old: Value, next: Value, replaces: boolean): Details {
    if (old === null && next === null) return {};
    if (old === null)
        return isEmpty(next) && field.type !== "boolean" ? {} : { [path]: kind("add", replaces) };
    if (next === null) return isEmpty(old) ? {} : { [path]: kind("delete", replaces) };
    if (isUnknown(next)) return { [path]: kind("update", replaces) };
    if (field.type === "set") return diffSet(path, field, list(old), list(next), replaces);
    if (field.type === "list") return diffList(path, field, list(old), list(next), replaces);
    if (isObject(old) && isObject(next)) return diffObject(path, field, old, next, replaces);
    return equal(old, next) ? {} : { [path]: kind("update", replaces) };
}

function diffSet(path: string, field: Field, old: Value[], next: Value[], replaces: boolean): Details {
    const element: Field = field.of ?? { type: "string" };
    const within = (item: Value, items: Value[]): boolean =>
        items.some((other) => sameElement(element, item, other));
    const details: Details = {};
    for (let i = 0; i < Math.max(old.length, next.length); i++) {
        const [before, after] = [old[i], next[i]];
        const removed = before !== undefined && !within(before, next) ? before : null;
        const added = after !== undefined && !within(after, old) ? after : null;
        Object.assign(details, diffElement(`${path}[${i}]`, element, removed, added, replaces));
    }
    return details;
}

function diffElement(path: string, field: Field, old: Value, next: Value, replaces: boolean): Details {
    if (old === null) return next === null ? {} : { [path]: kind("add", replaces) };
    return next === null ? { [path]: kind("delete", replaces) } : diffValue(path, field, old, next, replaces);
}

function diffList(path: string, field: Field, old: Value[], next: Value[], replaces: boolean): Details {
    const element: Field = field.of ?? { type: "string" };
    const details: Details = {};
    for (let i = 0; i < Math.max(old.length, next.length); i++) {
        const [before, after] = [old[i] ?? null, next[i] ?? null];
        Object.assign(details, diffElement(`${path}[${i}]`, element, before, after, replaces));
    }
    return details;
}

function diffObject(path: string, field: Field, old: Props, next: Props, replaces: boolean): Details {
    const details: Details = {};
    for (const name of new Set([...Object.keys(old), ...Object.keys(next)])) {
        if (name === "__defaults") continue;
        const inner = field.fields?.[name] ?? field.of ?? { type: "string" };
        const [before, after] = [old[name] ?? null, next[name] ?? null];
        Object.assign(details, diffValue(join(path, name), inner, before, after, replaces));
    }
    return details;
}

function join(path: string, name: string): string {
    return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? `${path}.${name}` : `${path}[${JSON.stringify(name)}]`;
}

/** A change between two plain values, wherever they differ (what Go component providers report). */
export function diffInputs(olds: Props, news: Props): Details {
    const details: Details = {};
    const visit = (path: string, old: Value | undefined, next: Value | undefined): void => {
        if (equal(old, next)) return;
        if (old === undefined) details[path] = "add";
        else if (next === undefined) details[path] = "delete";
        else if (Array.isArray(old) && Array.isArray(next))
            for (let i = 0; i < Math.max(old.length, next.length); i++)
                visit(`${path}[${i}]`, old[i], next[i]);
        else if (isObject(old) && isObject(next))
            for (const name of new Set([...Object.keys(old), ...Object.keys(next)]))
                visit(join(path, name), old[name], next[name]);
        else details[path] = "update";
    };
    for (const name of new Set([...Object.keys(olds), ...Object.keys(news)]))
        visit(name, olds[name], news[name]);
    return details;
}
