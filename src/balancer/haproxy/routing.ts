import { type Choice, goByPath } from "../frontends.ts";
import type { HttpPool, PinnedPath, Route } from "../listeners.ts";
import { byHealth, pinnedName } from "./backends.ts";

/** How a request finds its pool. */
export function routing(pools: Choice[]): string[] {
    const lines = [
        ...normalisedPath(pools.map(([, pool]) => pool)),
        ...pools.flatMap(([, pool], i) => conditions(prefix(pool, i), pool)),
        ...pools.flatMap(([name, pool], i) => ways(name, prefix(pool, i), pool)),
        `default_backend ${pools.at(-1)![0]}`,
    ];
    return lines.map((line) => `    ${line}`);
}

/**
 * The path as the host will read it: decoded, and without empty or dotted parts, which would lead round a pin. A step up leads
 * where only the host knows.
 */
function normalisedPath(pools: (HttpPool & Partial<Route>)[]): string[] {
    if (!goByPath(pools)) return [];
    // Few are written oddly, and the rest go without three expressions. A condition is read anew each time that it is named.
    return [
        "http-request set-var(txn.path) path",
        `http-request set-var(txn.path) 'path,url_dec,regsub("/([.]?/)+",/,g)' if { path -m sub % // /. }`,
        "http-request deny deny_status 400 if { var(txn.path) -m sub /. } { var(txn.path) -m reg /[.][.]?(/|$) }",
    ];
}

/** Of the names of conditions. */
const prefix = ({ path, hostNames }: Partial<Route>, i: number) => (path || hostNames ? `route-${i}-` : "");

/** Of lines with one name one has to fit. */
function conditions(id: string, { path, hostNames = [], pinned = [] }: HttpPool & Partial<Route>): string[] {
    return [
        ...hostNames.map((name) => `acl ${id}name req.hdr(host),field(1,:),lower ${matching(name)}`),
        ...(path === undefined ? [] : below(`${id}path`, path)),
        ...pinned.flatMap((pin, i) => below(`${id}pinned-${i}`, pin.path)),
    ];
}

const matching = (name: string) => (name.startsWith("*.") ? `-m end ${name.slice(1)}` : `-m str ${name}`);

/** A path with all that is below it, in whole segments. */
function below(id: string, path: string): string[] {
    const whole = path.replace(/\/+$/, "");
    return [
        `acl ${id} var(txn.path) -m beg ${whole}/`,
        ...(whole === "" ? [] : [`acl ${id} var(txn.path) -m str ${whole}`]),
    ];
}

function ways(name: string, id: string, pool: HttpPool & Partial<Route>): string[] {
    const { path, hostNames, pinned = [] } = pool;
    const others = byHealth(name, pool);
    const needed = [...(hostNames ? [`${id}name`] : []), ...(path === undefined ? [] : [`${id}path`])];
    const to = (backend: string, ...more: string[]) =>
        `use_backend ${backend} if ${[...needed, ...more].join(" ")}`;
    return [
        ...pinned.map((_: PinnedPath, i: number) => to(pinnedName(name, i), `${id}pinned-${i}`)),
        ...(others === name ? [] : [to(others, `!{ nbsrv(${name}) gt 0 }`)]),
        ...(needed.length > 0 ? [to(name)] : []),
    ];
}
