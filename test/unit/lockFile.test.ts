import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkout } from "../../tools/paths.ts";

interface Entry {
    optionalDependencies?: Record<string, string>;
    resolved?: string;
}

const lock = JSON.parse(readFileSync(join(checkout, "package-lock.json"), "utf8"));
const entries = Object.entries<Entry>(lock.packages);

/** Where Node would look for a package that another one names, the nearest place first. */
function places(from: string, name: string): string[] {
    const place = `${from}/node_modules/${name}`.replace(/^\//, "");
    const above = from.lastIndexOf("/node_modules/");
    if (from === "") return [place];
    return [place, ...places(above === -1 ? "" : from.slice(0, above), name)];
}

// npm of some versions leaves out those of other platforms, and npm ci of others then refuses the file.
test("every optional dependency has its entry, whatever platform it is for", () => {
    const missing = entries.flatMap(([path, { optionalDependencies = {} }]) =>
        Object.keys(optionalDependencies)
            .filter((name) => !places(path, name).some((place) => place in lock.packages))
            .map((name) => `${name}, of ${path}`),
    );
    expect(missing).toEqual([]);
});

test("no entry names the registry that it came from", () => {
    expect(entries.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
});
