import { type Bridged, bridged } from "../kit/bridged.ts";
import { type Field, type Fields, string } from "../kit/fields.ts";
import { goQuote } from "../kit/names.ts";
import { type CheckFailure, initError, type Resource, type State } from "../kit/resource.ts";
import { isUnknown, type Props, text, type Value, withoutUnknown } from "../kit/values.ts";

export const vultrResource = (spec: Bridged): Resource => bridged({ ...spec, emptyDefaults: true });

/** The cloud's names of regions are the same in capitals. */
export const region: Field = {
    ...string,
    replace: true,
    same: (old, next) => text(old).toLowerCase() === text(next).toLowerCase(),
};

const zeros: Partial<Record<Field["type"], Value>> = { string: "", number: 0, boolean: false };

/** Outputs from an answer: what it lacks, or has as null, is empty to the official client. */
export function shown(fields: Fields, answer: Record<string, Value | undefined>): Props {
    return Object.fromEntries(
        Object.entries(answer).map(([name, value]) => [
            name,
            value ?? zeros[fields[name]?.type ?? "list"] ?? [],
        ]),
    );
}

/** The state of what has just been made, which is recorded even when what remains to be done fails. */
export async function made(
    id: string,
    planned: Props,
    finish: () => Promise<Props | undefined>,
): Promise<State> {
    try {
        return { id, outputs: (await finish()) ?? {} };
    } catch (error) {
        throw initError((error as Error).message, { id, outputs: withoutUnknown(planned) });
    }
}

/** A failure for each of the properties that is given and is none of the values allowed. */
export function oneOf(inputs: Props, allowed: Record<string, readonly string[]>): CheckFailure[] {
    return Object.entries(allowed).flatMap(([property, values]) => {
        const given = inputs[property];
        if (given === undefined || isUnknown(given) || values.includes(text(given))) return [];
        const choices = values.map(goQuote).join(" ");
        const reason = `expected ${snake(property)} to be one of [${choices}], got ${text(given)}`;
        return [{ property, reason }];
    });
}

function snake(name: string): string {
    return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
