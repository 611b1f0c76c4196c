import { type Check, record, text, wrongKind } from "../hosts/shape.ts";
import { quoted } from "../hosts/validation.ts";
import { MEMBER_FIXED } from "./mariadb.ts";

/** Settings that a cluster stands on: whole families by their first word, and single ones by their names. */
export interface FixedSettings {
    families: string[];
    names: string[];
}

/** Settings of MariaDB by the names of its manual, but for those that a kind of cluster does not let go of. */
export function settingsOf(fixed: FixedSettings): Check {
    const { families, names } = { ...fixed, names: [...MEMBER_FIXED, ...fixed.names] };
    return record("settings by their names", isName, (at, value) => {
        const key = at.slice(at.lastIndexOf(".") + 1);
        if (isFixed({ families, names }, key))
            return [{ propertyPath: at, reason: "is the cluster's own: it cannot be set" }];
        return settingValue(at, value);
    });
}

const isName = text(
    "the name of a MariaDB setting",
    /^[a-z][a-z0-9_]{0,63}$/,
    "use lower-case letters, digits and _, as its manual does",
);

/** What stands behind `=` in an option file, as it is: a # would begin a comment, and {{ is filled in on hosts. */
const line = text(
    "the value of a setting",
    (value) => !/\p{Cc}|#|\{\{/u.test(value) && value.isWellFormed() && value.trim() === value,
    "use one line without #, {{ and space at its ends",
);

const settingValue: Check = (at, value) => {
    if (typeof value === "boolean") return [];
    if (typeof value !== "number")
        return typeof value === "string"
            ? line(at, value)
            : wrongKind(at, value, "a text, a number, true or false");
    const isPlain = /^-?\d+(\.\d+)?$/.test(String(value));
    return isPlain ? [] : [{ propertyPath: at, reason: `${quoted(value)} is no number that MariaDB takes` }];
};

/** MariaDB takes any beginning of a name that is no other's, and some words before it. */
function isFixed({ families, names }: FixedSettings, key: string): boolean {
    const name = key.replace(/^((loose|skip|disable|enable|maximum)_)+/, "");
    return (
        families.some((family) => name === family || name.startsWith(`${family}_`)) ||
        names.some((each) => each.startsWith(name) || each === key)
    );
}
