import { inspect } from "node:util";
import * as pulumi from "@pulumi/pulumi";

/** One mistake in the arguments: where it is and what to do about it. */
export interface Problem {
    propertyPath: string;
    reason: string;
}

/** Throws one error that lists every mistake; called before anything is registered. */
export function refuse(component: string, name: string, problems: Problem[]): void {
    if (problems.length === 0) return;
    const message = `${component} ${quoted(name)} cannot be made from these arguments`;
    const error = new pulumi.InputPropertiesError({ message, errors: problems });
    // The language host shows an error as Node does, or its stack: here the mistakes in words, and the program's lines alone.
    const reasons = problems.map(({ propertyPath, reason }) => `  ${propertyPath}: ${reason}`);
    const text = [`${message}:`, ...reasons, ...programLines(error.stack)].join("\n");
    error.stack = text;
    throw Object.defineProperty(error, inspect.custom, { value: () => text });
}

/** By what they say. */
const refused = new Map<string, unknown>();

/**
 * The same for what shows only when an output is known, in each place that uses it: one and the same error every time, which
 * the engine tells once.
 */
export function refuseLate(component: string, name: string, problems: Problem[]): void {
    try {
        refuse(component, name, problems);
    } catch (error) {
        const said = JSON.stringify([component, name, problems]);
        if (!refused.has(said)) refused.set(said, error);
        throw refused.get(said);
    }
}

function programLines(stack = ""): string[] {
    const library = new URL("..", import.meta.url).href;
    return stack
        .split("\n")
        .filter((line) => /^ +at /.test(line))
        .filter((line) => !line.includes(library) && !/\bnode:|node_modules|<anonymous>/.test(line));
}

/** `problem` when the condition holds, else nothing: reads as a table of rules. */
export function when(condition: boolean, propertyPath: string, reason: string): Problem[] {
    return condition ? [{ propertyPath, reason }] : [];
}

const SHOWN = 60;

/** A value in an error: on one line, and not longer than one reads. */
export function quoted(value: unknown): string {
    if (typeof value !== "string") return typeof value === "number" ? String(value) : kindOf(value);
    return JSON.stringify(value.length > SHOWN ? `${value.slice(0, SHOWN)}…` : value);
}

/** What a value is, in words: from JavaScript it may be anything. */
export function kindOf(value: unknown): string {
    if (value === undefined) return "missing";
    if (value === null) return "null";
    // Asked first: an output answers to any property.
    if (pulumi.Output.isInstance(value)) return "an output";
    if (value instanceof Promise) return "a promise";
    if (pulumi.Resource.isInstance(value)) return "a component itself";
    if (Array.isArray(value)) return "a list";
    if (typeof value === "string") return "a text";
    if (typeof value !== "object") return `a ${typeof value}`;
    const kind = Object.getPrototypeOf(value)?.constructor?.name ?? "Object";
    return kind === "Object" ? "an object" : `a ${kind}`;
}
