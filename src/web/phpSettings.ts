import { type Check, number, record, text, wrongKind } from "../hosts/shape.ts";

export type PhpSettings = Record<string, string | number | boolean>;

/** Settings that have an argument of their own, or are of the whole host. */
const OTHERS = new Map([
    ["memory_limit", "`phpMemoryLimit` gives it"],
    ["post_max_size", "`maxUpload` gives it"],
    ["upload_max_filesize", "`maxUpload` gives it"],
    ...["memory_consumption", "max_accelerated_files"].map((name): [string, string] => [
        `opcache.${name}`,
        "follows the host's memory: all pools of a host have one OPcache",
    ]),
]);

const name = text(
    "the name of a PHP setting",
    /^[a-zA-Z]\w{0,63}(\.\w{1,63}){0,3}$/,
    "write it as in php.ini: max_input_vars, date.timezone",
);

const settingName: Check = (at, value) => {
    const problems = name(at, value);
    const other = OTHERS.get(String(value).toLowerCase());
    return other === undefined ? problems : [{ propertyPath: `${at}.${value}`, reason: other }];
};

/** Between double quotes, where PHP-FPM fills in $ and reads \ in ways of its own. */
const line = text(
    "the value of a PHP setting",
    (value) => value.isWellFormed() && !/[\p{Cc}\p{Zl}\p{Zp}"\\$]/u.test(value) && value.length <= 1000,
    'use one line without ", \\ and $',
);
const amount = number("the value of a PHP setting", { from: -1e15, to: 1e15, kind: "any" });

const settingValue: Check = (at, value) => {
    if (typeof value === "boolean") return [];
    if (typeof value === "number") return amount(at, value);
    return typeof value === "string"
        ? line(at, value)
        : wrongKind(at, value, "a text, a number, true or false");
};

/** Settings of PHP by their names in php.ini. */
export const phpSettings = record("settings of PHP by their names", settingName, settingValue);

/** As they stand in a pool of PHP-FPM: no application changes them. */
export function settingLines(settings: PhpSettings): string {
    const lines = Object.entries(settings).map(([key, value]) => {
        if (typeof value === "boolean") return `php_admin_flag[${key}] = ${value ? "on" : "off"}\n`;
        return `php_admin_value[${key}] = ${typeof value === "number" ? value : `"${value}"`}\n`;
    });
    return lines.join("");
}
