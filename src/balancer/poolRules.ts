import { hosts, peer, peers } from "../hosts/arguments.ts";
import { hostName, pathPrefix, requestPath, servicePort } from "../hosts/names.ts";
import {
    flag,
    listOf,
    number,
    object,
    oneOf,
    optional,
    type Rules,
    record,
    type Shape,
    text,
} from "../hosts/shape.ts";
import { quoted, when } from "../hosts/validation.ts";
import {
    Balance,
    type BalancedPool,
    type HttpPool,
    type PinnedPath,
    type Stickiness,
    StickyBy,
} from "./listeners.ts";
import { leaveRoom, MOST_TIMES } from "./weights.ts";

const WEEK_S = 604_800;

const stickiness = object<Stickiness>(
    'a way to stay: `{ by: "cookie" }`',
    {
        by: oneOf("a way to stay", Object.values(StickyBy)),
        cookie: optional(text("a cookie's name", /^[A-Za-z][\w-]{0,63}$/, "use letters, digits, _ and -")),
        expire: optional(number("a number of seconds", { from: 1, to: WEEK_S })),
    },
    ({ by }, sound, given) => [
        ...when(sound("by") && by !== "cookie" && given("cookie"), "cookie", 'is for `by: "cookie"`'),
        ...when(
            sound("by") && by !== "address" && given("expire"),
            "expire",
            'is for `by: "address"`: a cookie lasts as long as the visitor\'s browser is open',
        ),
    ],
);

const pin = object<PinnedPath>("a pin: `{ path, to }`", {
    path: requestPath,
    to: peer,
    fallback: optional(flag),
});

export const poolShape: Shape<BalancedPool> & { backendPort: ReturnType<typeof optional> } = {
    backends: peers,
    backendPort: optional(servicePort),
    balance: optional(oneOf("a way to balance", Object.values(Balance))),
    weights: optional(
        record("weights by the backends' names", hostName, number("a weight", { from: 0, to: 256 })),
    ),
    stickiness: optional(stickiness),
    maxConnections: optional(number("a number of connections", { from: 1, to: 10_000 })),
    queueTimeout: optional(number("a number of seconds", { from: 1, to: 600 })),
    sendProxyProtocol: optional(flag),
    weightByLoad: optional(flag),
};

export const httpPoolShape: Shape<HttpPool> = {
    ...poolShape,
    healthPath: optional(pathPrefix),
    pinned: optional(listOf<PinnedPath>("the paths that are pinned", pin)),
};

/** How the arguments of a pool go together. */
export const poolRules: Rules<BalancedPool> = (args, sound) => {
    const { backends, weights = {}, weightByLoad, balance } = args;
    const byLoad = sound("weightByLoad") && !!weightByLoad;
    const others = when(
        byLoad && balance === Balance.First,
        "weightByLoad",
        '"first" fills one backend after the other, whatever they weigh: take another `balance`',
    );
    if (!sound("backends", "weights")) return others;
    const names = backends.map(({ name }) => name);
    const strange = Object.keys(weights).filter((name) => !names.includes(name));
    return [
        ...strange.map((name) => ({
            propertyPath: "weights",
            reason: `${quoted(name)} is none of the backends ${names.join(", ")}`,
        })),
        ...when(
            names.every((name) => weights[name] === 0),
            "weights",
            "leave nobody to answer: give one of the backends more than 0",
        ),
        ...when(
            byLoad && !leaveRoom(weights, names),
            "weights",
            `differ too much to be divided further by load: let the largest be ${MOST_TIMES} times the smallest at most`,
        ),
        // An agent comes to each of them.
        ...(byLoad ? hosts("backends", backends) : []),
        ...others,
    ];
};

export const httpPoolRules: Rules<HttpPool> = (args, sound, given) => {
    const { backends, pinned = [] } = args;
    const others = poolRules(args, sound, given);
    if (!sound("backends", "pinned")) return others;
    const earlier = (path: string, i: number) =>
        pinned.findIndex((each, j) => j < i && earlierPath(each.path, path));
    const problems = pinned.flatMap(({ path, to }, i) => [
        ...when(
            !backends.some((host) => host.name === to.name),
            `pinned[${i}].to`,
            "must be one of the listener's backends",
        ),
        ...when(
            earlier(path, i) >= 0,
            `pinned[${i}].path`,
            `pinned[${earlier(path, i)}] answers it already: put the longer path first`,
        ),
    ]);
    return [...others, ...problems];
};

/** Whether the second path is within the first. */
export function earlierPath(wide: string, narrow: string): boolean {
    const whole = (path: string) => `${path.replace(/\/$/, "")}/`;
    return whole(narrow).startsWith(whole(wide));
}
