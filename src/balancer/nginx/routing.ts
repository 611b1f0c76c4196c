import { literally } from "../../hosts/pattern.ts";
import { choices, goByPath, httpName, httpPort } from "../frontends.ts";
import type { HttpListener } from "../listeners.ts";
import { pinnedUpstream } from "./upstreams.ts";

/** Names of variables; nginx has those of all listeners in one list. */
export const poolVariable = (listener: HttpListener) => `$pool_of_${httpPort(listener)}`;

export const goesByPath = (listener: HttpListener): boolean =>
    goByPath(choices("", listener).map(([, pool]) => pool));

/** How a request finds its pool: by name and path, the path as nginx and the host read it: decoded, without empty or dotted parts. */
export function poolMap(pair: string, listener: HttpListener): string {
    const name = httpName(pair, listener);
    const rules = choices(name, listener).flatMap(([pool, { path, hostNames, pinned = [] }]) => [
        ...pinned.flatMap((pin, i) => below(pinnedUpstream(pool, i), hostNames, path, pin.path)),
        ...(path === undefined && !hostNames ? [] : below(pool, hostNames, path)),
    ]);
    return `map "$host $uri" ${poolVariable(listener)} {
    default ${name};
${rules.join("")}}
`;
}

/** All conditions at once: a pin of a route has to lie within that, too. A line for each name, as nginx bounds what stands in one. */
function below(pool: string, hostNames: string[] | undefined, ...paths: (string | undefined)[]): string[] {
    const conditions = paths.filter((path) => path !== undefined).map((path) => `(?=${segments(path)})`);
    const names = hostNames?.map(nameText) ?? ["\\S+"];
    return names.map((name) => `    "~^${name} ${conditions.join("")}" ${pool};\n`);
}

const nameText = (name: string) =>
    name.startsWith("*.") ? `\\S*${literally(name.slice(1))}` : literally(name);

/** In whole segments. */
function segments(path: string): string {
    const whole = path.replace(/\/+$/, "");
    return whole === "" ? "/" : `${literally(whole)}(?:/|\\z)`;
}

/** A step up, or a last step that leads nowhere, however it is written: where they lead only the host knows. */
export const STEPS = `map $request_uri $steps_up {
    default "";
    "~*^[^?]*(?:/|%2f)(?:(?:[.]|%2e){2}(?:/|%2f|[?]|\\z)|(?:[.]|%2e)(?:[?]|\\z))" 1;
}
`;
