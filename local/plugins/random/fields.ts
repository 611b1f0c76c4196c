import {
    boolean,
    type Field,
    type Fields,
    number,
    output,
    replacing,
    string,
    stringMap,
} from "../kit/fields.ts";

export const keepers: Field = replacing(stringMap);
export const result: Field = output(string);

const flag: Field = { ...replacing(boolean), default: true };
const minimum: Field = { ...replacing(number), default: 0 };

/** What passwords and strings have in common. */
export const textFields: Fields = {
    keepers,
    length: replacing(number),
    lower: flag,
    minLower: minimum,
    minNumeric: minimum,
    minSpecial: minimum,
    minUpper: minimum,
    number: flag,
    numeric: flag,
    overrideSpecial: replacing(string),
    special: flag,
    upper: flag,
};
