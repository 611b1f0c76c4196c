import { randomInt } from "node:crypto";
import type { CheckFailure } from "../kit/resource.ts";
import { type Props, text } from "../kit/values.ts";

const lower = "abcdefghijklmnopqrstuvwxyz";
const upper = lower.toUpperCase();
const numeric = "0123456789";

/** `number` is the old name of `numeric`: each stands for the other. */
export function numericImplied({ number, numeric: given }: Props): Props {
    const value = given ?? number;
    return value === undefined ? {} : { number: value, numeric: value };
}

export function validateText(inputs: Props): CheckFailure[] {
    const minimum = ["minUpper", "minLower", "minNumeric", "minSpecial"].reduce(
        (sum, name) => sum + Number(inputs[name] ?? 0),
        0,
    );
    const { length } = inputs;
    if (typeof length !== "number") return [];
    if (length < 1)
        return [{ property: "length", reason: `length value must be at least 1, got: ${length}` }];
    if (length >= minimum) return [];
    const sum = "minUpper + minLower + minNumeric + minSpecial";
    return [{ property: "length", reason: `length value must be at least sum of ${sum}, got: ${length}` }];
}

/** A text by the rules of random_string: each kind's minimum, the rest from all kinds that are on, in random order. */
export function randomText(inputs: Props): string {
    const special = text(inputs.overrideSpecial) || "!@#$%&*()-_=+[]{}<>:?";
    const kinds = [
        { chars: upper, on: inputs.upper, minimum: inputs.minUpper },
        { chars: lower, on: inputs.lower, minimum: inputs.minLower },
        { chars: numeric, on: inputs.numeric, minimum: inputs.minNumeric },
        { chars: special, on: inputs.special, minimum: inputs.minSpecial },
    ];
    const all = kinds.filter(({ on }) => on !== false).map(({ chars }) => chars);
    if (all.length === 0) throw new Error("the character set specified is empty");
    const required = kinds.flatMap(({ chars, minimum }) => pick(chars, Number(minimum ?? 0)));
    return shuffled([...required, ...pick(all.join(""), Number(inputs.length) - required.length)]).join("");
}

function pick(chars: string, count: number): string[] {
    const set = [...chars];
    return Array.from({ length: count }, () => set[randomInt(set.length)] ?? "");
}

function shuffled(items: string[]): string[] {
    for (let i = items.length - 1; i > 0; i--) {
        const j = randomInt(i + 1);
        [items[i], items[j]] = [items[j] ?? "", items[i] ?? ""];
    }
    return items;
}
