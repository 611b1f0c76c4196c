import type * as pulumi from "@pulumi/pulumi";
import type { Host } from "../hosts/host.ts";
import type { DatabaseEndpoint } from "../member/endpoint.ts";
import type { TlsArgs } from "./tls.ts";

/** Hosts that share what comes in. */
export interface BalancedPool {
    /** The hosts that answer; a pool's `hosts`. */
    backends: Host[];
    /** Which backend is next. @default "roundrobin" */
    balance?: Balance;
    /** Shares of the backends, by their names, 0 to 256: 2 is twice as much as 1, and 0 is nothing new. @default 1 each */
    weights?: Record<string, number>;
    /**
     * Whether a loaded backend gets less: each is asked every two seconds for the part of its weight, 100 % to 10 %, that it
     * can take, by the time in which work waits for its processor. It answers on port 8406 of its private address, through
     * a small daemon that the pair brings to it by SSH. One that does not answer keeps what it had last. @default false
     */
    weightByLoad?: boolean;
    /** Keeps a visitor with the backend that was first. @default any backend answers any request */
    stickiness?: Stickiness;
    /**
     * What a backend has at once, requests of HTTP or connections of TCP, 1 to 10,000; the rest wait.
     * @default 4 for each PHP process of a `WebPool`'s host, so that static files need not wait for pages; other hosts have no bound;
     * not with nginx, which lets nobody wait
     */
    maxConnections?: number;
    /** Seconds that one waits for a place at most, 1 to 600; then HTTP is answered with 503 and Retry-After. @default 10 */
    queueTimeout?: number;
    /** Whether backends are told the visitor's address by PROXY protocol, version 2 (of nginx 1, in `tcp` alone); they have to expect it. @default false */
    sendProxyProtocol?: boolean;
}

/** Hosts that share requests of HTTP. */
export interface HttpPool extends BalancedPool {
    /** Port of the backends. @default 80 */
    backendPort?: number;
    /** Path that a working backend answers with 200. @default "/healthz" */
    healthPath?: string;
    /** Paths that one backend answers, such as an administrator's. */
    pinned?: PinnedPath[];
}

export interface HttpListener extends HttpPool, ListenerArgs {
    /** @default 80; 443 with `tls` */
    port?: number;
    /** Requests that go to other pools, by their path or the name of the site: the first that fits counts. */
    routes?: Route[];
    /** Seconds in which neither the visitor nor the backend says anything, 1 to 86,400; WebSockets have an hour. @default 60 */
    timeout?: number;
    /** Ends TLS here. @default plain HTTP */
    tls?: TlsArgs;
    /** What one visitor may do. @default no limits */
    limits?: ClientLimits;
    /** HTML that visitors see while no backend can answer, with status 503 and Retry-After, 12,000 bytes at most. @default one line */
    maintenancePage?: string;
    /** Whether texts are compressed here: for backends that do not do so, as a `WebPool` does. @default false */
    compress?: boolean;
}

export interface TcpListener extends BalancedPool, ListenerArgs {
    port: number;
    /** By the visitor's address alone. */
    stickiness?: Stickiness & { by: "address" };
    /** Port of the backends. @default the listener's */
    backendPort?: number;
    /** Path that a working backend answers with 200 by HTTP on `healthPort`. @default none: it works if it takes connections */
    healthPath?: string;
    /** @default the backends' port */
    healthPort?: number;
    /**
     * The cluster whose members the backends are, its `endpoint`: sessions go to the member that takes the writes, and end when it
     * takes them no more. Clients speak TLS with the member itself, as a user of a `Database` whose `clients` are the balancers. HAProxy's
     * alone. @default the backends are alike
     */
    database?: DatabaseEndpoint;
    /** Whether sessions of a `database` go to the members that may be read from, in place of the writer. @default false */
    reads?: boolean;
    /** Seconds in which neither side says anything, 1 to 86,400. @default 3600 */
    timeout?: number;
}

interface ListenerArgs {
    /**
     * Networks of proxies before the balancers, in CIDR form, such as one that ends TLS: their word on a visitor's address and
     * scheme counts, everybody else's is dropped. @default none
     */
    trustedProxies?: string[];
    /** Whether `trustedProxies` tell the visitor's address by PROXY protocol. @default false */
    acceptProxyProtocol?: boolean;
}

/** Needs a path or names, and with both of them both have to fit. */
export interface Route extends HttpPool {
    /** Path of a request, such as "/api", with all that is below it; however it is written. */
    path?: string;
    /** Names of the site, such as "shop.example.com", or "*.example.com" for all that end so. */
    hostNames?: string[];
}

/** HAProxy's names of the algorithms. */
export const Balance = {
    RoundRobin: "roundrobin",
    LeastConn: "leastconn",
    Source: "source",
    Random: "random",
    First: "first",
} as const;
export type Balance = (typeof Balance)[keyof typeof Balance];

export interface Stickiness {
    /** By a cookie, which only HTTP has, or by the visitor's address, which the balancers tell each other. */
    by: StickyBy;
    /** Name of the cookie. @default the pool's in HAProxy, such as "lb-http-80" */
    cookie?: string;
    /** Seconds for which an address is remembered since it was last seen, 1 to 604,800. @default 1800 */
    expire?: number;
}

export const StickyBy = { Cookie: "cookie", Address: "address" } as const;
export type StickyBy = (typeof StickyBy)[keyof typeof StickyBy];

export interface PinnedPath {
    /** Path of a request, such as "/wp-admin", with all that is below it; however it is written. */
    path: string;
    /** The backend that answers it. */
    to: Host;
    /** Whether the other backends answer while that one is down. @default true */
    fallback?: boolean;
}

/** A visitor is an address; behind `trustedProxies` the one that they tell. */
export interface ClientLimits {
    /** Requests a second, over ten seconds, 1 to 100,000; more are answered with 429 and Retry-After. @default no limit */
    requestsPerSecond?: number;
    /** Connections at once, 1 to 10,000; more are closed, except those of `trustedProxies`. @default no limit */
    connections?: number;
}

/** All pools of a pair by their paths in its arguments: the listeners' own, and those of their routes. */
export const namedPools = (
    http: HttpListener[],
    tcp: TcpListener[],
): (readonly [path: string, pool: BalancedPool])[] => [
    ...http.map((listener, i) => [`http[${i}]`, listener] as const),
    ...http.flatMap(({ routes = [] }, i) =>
        routes.map((route, j) => [`http[${i}].routes[${j}]`, route] as const),
    ),
    ...tcp.map((listener, i) => [`tcp[${i}]`, listener] as const),
];

export const allPools = (http: HttpListener[], tcp: TcpListener[]): BalancedPool[] =>
    namedPools(http, tcp).map(([, pool]) => pool);

/** Listeners with hosts by name, and without what is secret: so they are recorded. */
export function namesOnly({
    backends,
    ...rest
}: BalancedPool & Partial<HttpListener> & Pick<TcpListener, "database">): pulumi.Inputs {
    const { pinned, routes, tls, database, ...plain } = rest;
    return {
        ...plain,
        backends: backends.map((host) => host.name),
        ...(pinned ? { pinned: pinned.map(({ to, ...pin }) => ({ ...pin, to: to.name })) } : {}),
        ...(database ? { database: database.name } : {}),
        ...(routes ? { routes: routes.map(namesOnly) } : {}),
        ...(tls ? { tls: { names: tls.acme?.certificates.map(({ names }) => names) ?? [] } } : {}),
    };
}
