import * as pulumi from "@pulumi/pulumi";
import { nearest } from "./nearest.ts";
import { kindOf, type Problem, quoted } from "./validation.ts";

/** What is wrong with an argument; `value` may be anything, as programs in JavaScript are checked by nobody else. */
export type Check = (at: string, value: unknown) => Problem[];

/** A check of something that may be left out. */
export type OptionalCheck = Check & { isOptional: true };

/** A check for each argument that an interface has: those that are not here do not exist. */
export type Shape<Args> = {
    [Key in keyof Args]-?: Record<never, never> extends Pick<Args, Key> ? OptionalCheck : Check;
};

/**
 * What is to be looked at together. Arguments with a mistake of their own are left out: `sound` tells of which there is none,
 * `given` whether there is one at all.
 */
export type Rules<Args> = (
    args: Args,
    sound: (...keys: (keyof Args & string)[]) => boolean,
    given: (key: keyof Args & string) => boolean,
) => Problem[];

export function optional(check: Check): OptionalCheck {
    const orNothing: Check = (at, value) => (value === undefined ? [] : check(at, value));
    return Object.assign(orNothing, { isOptional: true as const });
}

/** A value that may also be an output: what it holds is checked where it is known. */
export function input(check: Check): Check {
    return (at, value) =>
        pulumi.Output.isInstance(value) || value instanceof Promise ? [] : check(at, value);
}

export function wrongKind(at: string, value: unknown, wanted: string): Problem[] {
    const why = pulumi.Output.isInstance(value) ? ", which a preview need not know" : "";
    return [{ propertyPath: at, reason: `is ${kindOf(value)}${why}: give ${wanted}` }];
}

/** A text that is `what`; `hint` tells how to write one. */
export function text(what: string, fits: RegExp | ((text: string) => boolean), hint: string): Check {
    return (at, value) => {
        if (typeof value !== "string") return wrongKind(at, value, what);
        if (fits instanceof RegExp ? fits.test(value) : fits(value)) return [];
        return [{ propertyPath: at, reason: `${quoted(value)} is not ${what}: ${hint}` }];
    };
}

/** A text that no error may show, such as a credential. */
export function hidden(what: string, fits: RegExp): Check {
    return (at, value) => {
        if (typeof value !== "string") return wrongKind(at, value, what);
        return fits.test(value) ? [] : [{ propertyPath: at, reason: `is not ${what}` }];
    };
}

interface Range {
    from: number;
    to: number;
    /** @default "whole" */
    kind?: "whole" | "any";
}

/** A number that is `what`; whole ones unless said otherwise. */
export function number(what: string, { from, to, kind = "whole" }: Range): Check {
    const wanted = `a ${kind === "whole" ? "whole number" : "number"} from ${from} to ${to}`;
    return (at, value) => {
        if (typeof value !== "number") return wrongKind(at, value, wanted);
        const fits = value >= from && value <= to && (kind === "any" || Number.isInteger(value));
        return fits ? [] : [{ propertyPath: at, reason: `${value} is not ${what}: give ${wanted}` }];
    };
}

export const flag: Check = (at, value) =>
    typeof value === "boolean" ? [] : wrongKind(at, value, "true or false");

export function oneOf(what: string, values: readonly string[]): Check {
    const all = values.map((value) => `"${value}"`).join(", ");
    return text(what, (value) => values.includes(value), `use ${values.length > 1 ? "one of " : ""}${all}`);
}

/** A list; `rules` looks at all of its items, once each of them is sound. */
export function listOf<Item>(wanted: string, item: Check, rules: ItemRules<Item> = () => []): Check {
    return (at, value) => {
        if (!Array.isArray(value)) return wrongKind(at, value, wanted);
        const problems = Array.from(value, (each, i) => item(`${at}[${i}]`, each)).flat();
        return problems.length > 0 ? problems : rules(value, at);
    };
}

type ItemRules<Item> = (items: Item[], at: string) => Problem[];

/** A list of at least one. */
export function someOf<Item>(wanted: string, item: Check, rules: ItemRules<Item> = () => []): Check {
    return listOf<Item>(wanted, item, (items, at) =>
        items.length > 0
            ? rules(items, at)
            : [{ propertyPath: at, reason: `the list is empty: give ${wanted}` }],
    );
}

/** An object of any keys. */
export function record(wanted: string, key: Check, item: Check): Check {
    return (at, value) => {
        if (!isObject(value)) return wrongKind(at, value, wanted);
        return Object.entries(value).flatMap(([name, each]) => {
            const problems = key(at, name);
            return problems.length > 0 ? problems : item(`${at}.${name}`, each);
        });
    };
}

/** An object of these keys alone. */
export function object<Args>(wanted: string, shape: Shape<Args>, rules: Rules<Args> = () => []): Check {
    const checks = Object.entries(shape) as [string, Check][];
    const known = checks.map(([key]) => key);
    return (at, value) => {
        if (!isObject(value)) return wrongKind(at || "args", value, wanted);
        const path = (key: string) => (at && key ? `${at}.${written(key)}` : at || written(key));
        const problems = [
            ...Object.keys(value)
                .filter((key) => !known.includes(key) && value[key] !== undefined)
                .map((key) => ({ propertyPath: path(key), reason: unknownKey(key, known) })),
            ...checks.flatMap(([key, check]) => check(path(key), value[key])),
        ];
        const sound = (...keys: string[]) =>
            !problems.some(({ propertyPath }) => keys.some((key) => isWithin(path(key), propertyPath)));
        const usable = Object.entries(value).filter(([key]) => known.includes(key) && sound(key));
        const given = (key: string) => value[key] !== undefined;
        const together = rules(Object.fromEntries(usable) as Args, sound, given);
        return [
            ...problems,
            ...together.map(({ propertyPath, reason }) => ({ propertyPath: path(propertyPath), reason })),
        ];
    };
}

function unknownKey(key: string, known: string[]): string {
    const meant = nearest(key, known);
    const others = meant === undefined ? `there are ${known.join(", ")}` : `did you mean \`${meant}\`?`;
    return `there is no such argument: ${others}`;
}

/** A key that is no word would be lost in its path. */
export const written = (key: string) => (/^[\w[\].-]*$/.test(key) ? key : quoted(key));

const isWithin = (path: string, other: string) =>
    other === path || other.startsWith(`${path}.`) || other.startsWith(`${path}[`);

function isObject(value: unknown): value is Record<string, unknown> {
    return kindOf(value) === "an object";
}
