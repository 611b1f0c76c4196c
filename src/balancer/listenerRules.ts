import { networks, pathPrefix, requestPath, servicePort } from "../hosts/names.ts";
import {
    flag,
    listOf,
    number,
    object,
    optional,
    type Rules,
    type Shape,
    someOf,
    text,
} from "../hosts/shape.ts";
import { quoted, when } from "../hosts/validation.ts";
import { endpoint, serversProblems } from "../member/arguments.ts";
import type { ClientLimits, HttpListener, Route, TcpListener } from "./listeners.ts";
import { earlierPath, httpPoolRules, httpPoolShape, poolRules, poolShape } from "./poolRules.ts";
import { tlsArguments } from "./tlsRules.ts";

const LONGEST_PAGE = 12_000;

const seconds = number("a number of seconds", { from: 1, to: 86_400 });

const listenerShape = { trustedProxies: optional(networks), acceptProxyProtocol: optional(flag) };

/** A name of a site, or all names below one. */
const siteName = text(
    "a name of a site",
    (name) =>
        name.length <= 253 &&
        /^(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name),
    'write it in lower case, as "www.example.com" or "*.example.com"',
);

const route = object<Route>(
    "a route: `{ path, backends }`",
    {
        ...httpPoolShape,
        path: optional(requestPath),
        hostNames: optional(someOf("names of the site", siteName)),
    },
    (args, sound, given) => [
        ...httpPoolRules(args, sound, given),
        ...when(
            !given("path") && !given("hostNames"),
            "path",
            "give a path or `hostNames`: what fits no route goes to the listener's own backends",
        ),
    ],
);

const routes = listOf<Route>("routes", route, (all, at) =>
    all.flatMap((later, i) => {
        const first = all.findIndex((each, j) => j < i && covers(each, later));
        return when(
            first >= 0,
            `${at}[${i}]`,
            `routes[${first}] answers all of it already: put the narrower one first`,
        );
    }),
);

function covers(wide: Route, narrow: Route): boolean {
    const names = !wide.hostNames || narrow.hostNames?.every((name) => wide.hostNames!.includes(name));
    const path =
        wide.path === undefined || (narrow.path !== undefined && earlierPath(wide.path, narrow.path));
    return !!names && path;
}

const limits = object<ClientLimits>(
    "limits: `{ requestsPerSecond, connections }`",
    {
        requestsPerSecond: optional(number("a number of requests", { from: 1, to: 100_000 })),
        connections: optional(number("a number of connections", { from: 1, to: 10_000 })),
    },
    (_, __, given) =>
        when(!given("requestsPerSecond") && !given("connections"), "", "limits nothing: give one of them"),
);

const page = text(
    "a page",
    (html) => html.isWellFormed() && !html.includes("\0") && Buffer.byteLength(html) <= LONGEST_PAGE,
    `HAProxy has room for ${LONGEST_PAGE} bytes of text`,
);

const proxyRules: Rules<Pick<HttpListener, "acceptProxyProtocol" | "trustedProxies">> = (
    args,
    sound,
    given,
) =>
    when(
        sound("acceptProxyProtocol") && !!args.acceptProxyProtocol && !given("trustedProxies"),
        "acceptProxyProtocol",
        "anybody could say to be anybody: name the proxies in `trustedProxies`",
    );

const httpShape: Shape<HttpListener> = {
    port: optional(servicePort),
    ...httpPoolShape,
    ...listenerShape,
    routes: optional(routes),
    timeout: optional(seconds),
    tls: optional(tlsArguments),
    limits: optional(limits),
    maintenancePage: optional(page),
    compress: optional(flag),
};

const tcpShape: Shape<TcpListener> = {
    port: servicePort,
    ...poolShape,
    ...listenerShape,
    healthPath: optional(pathPrefix),
    healthPort: optional(servicePort),
    timeout: optional(seconds),
    database: optional(endpoint),
    reads: optional(flag),
};

/** What a database's members say themselves. */
const SAID_BY_MEMBERS = [
    "backendPort",
    "balance",
    "healthPath",
    "healthPort",
    "sendProxyProtocol",
    "stickiness",
    "weightByLoad",
    "weights",
] as const;

const databaseRules: Rules<TcpListener> = ({ database, backends }, sound, given) => {
    if (!given("database"))
        return when(given("reads"), "reads", "is for a `database`: give the cluster's `endpoint`");
    const reason = "is the database's to say: leave it out";
    return [
        ...(sound("database", "backends") ? serversProblems(backends, database!, "backends") : []),
        ...SAID_BY_MEMBERS.flatMap((key) => when(given(key), key, reason)),
    ];
};

export const httpListeners = listOf<HttpListener>(
    "listeners",
    object<HttpListener>("a listener: `{ backends }`", httpShape, (args, sound, given) => [
        ...httpPoolRules(args, sound, given),
        ...proxyRules(args, sound, given),
        ...when(
            given("tls") && sound("port") && args.port === 80,
            "port",
            "80 is the port of plain HTTP: take 443 for a listener with `tls`",
        ),
    ]),
    (all, at) => {
        const byAcme = all.flatMap(({ tls }, i) => (tls?.acme ? [i] : []));
        return byAcme.slice(1).map((i) => ({
            propertyPath: `${at}[${i}].tls.acme`,
            reason: `another listener of the pair has certificates by ACME: name all of them there, in ${at}[${byAcme[0]}]`,
        }));
    },
);

export const tcpListeners = listOf<TcpListener>(
    "listeners",
    object<TcpListener>("a listener: `{ port, backends }`", tcpShape, (args, sound, given) => [
        ...poolRules(args, sound, given),
        ...databaseRules(args, sound, given),
        ...proxyRules(args, sound, given),
        ...when(
            given("trustedProxies") && !given("acceptProxyProtocol"),
            "trustedProxies",
            "can tell a visitor's address by PROXY protocol alone: set `acceptProxyProtocol: true`",
        ),
        ...when(
            sound("stickiness") && given("stickiness") && args.stickiness?.by !== "address",
            "stickiness",
            `by ${quoted("cookie")} is for HTTP: use "address"`,
        ),
    ]),
);
