import type { HttpListener, HttpPool, Route, TcpListener } from "./listeners.ts";
import type { BalancerSettings } from "./settings.ts";

/** A listener's name in its engine, and its own pool's. */
export const httpName = (pair: string, listener: HttpListener) => `${pair}-http-${httpPort(listener)}`;
export const tcpName = (pair: string, { port }: TcpListener) => `${pair}-tcp-${port}`;

/** File with the authority of the certificates of a listener's database. */
export const databaseCa = (listener: string) => `/etc/haproxy/evenkeel/${listener}.ca.pem`;
/** The authority's name among a role's values. */
export const databaseCaValue = (listener: string) => `ca-${listener}`;

export const httpPort = ({ port, tls }: HttpListener) => port ?? (tls ? 443 : 80);

/** Ports that are open to visitors. */
export const openPorts = (http: HttpListener[], tcp: TcpListener[]): number[] => [
    ...http.map(httpPort),
    ...(redirected(http) || isChallenged(http) ? [PLAIN_PORT] : []),
    ...tcp.map(({ port }) => port),
];

export const PLAIN_PORT = 80;

/** The listener with TLS to which visitors in plain are sent on; none when another one listens to them. */
export function redirected(http: HttpListener[]): HttpListener | undefined {
    if (http.some((listener) => httpPort(listener) === PLAIN_PORT)) return undefined;
    return http.find(({ tls }) => tls && tls.redirect !== false);
}

/** Whether an authority comes to the plain port, and no other listener is there to answer. */
export const isChallenged = (http: HttpListener[]) =>
    !http.some((listener) => httpPort(listener) === PLAIN_PORT) &&
    http.some(({ tls }) => tls?.acme && tls.acme.challenge !== "dns-01");

/** File with what visitors see while no host can answer. */
export const maintenanceFile = (pair: string, listener: HttpListener) =>
    `/etc/evenkeel/balancers/${pair}/maintenance-${httpPort(listener)}.html`;

/** What they see then without one. */
export const BUSY_PAGE = "<h1>Please try again soon</h1>";

/** A pool under its name, with what leads to it: the listener's own has neither path nor names. */
export type Choice = [name: string, pool: HttpPool & Partial<Route>];

/** The pools of a listener, the one last that answers what no route is for. */
export function choices(name: string, { routes = [], ...listener }: HttpListener): Choice[] {
    return [...routes.map((route, i): Choice => [`${name}-route-${i}`, route]), [name, listener]];
}

/** Whether paths lead somewhere, so that a way of writing one could lead round a rule. */
export const goByPath = (pools: (HttpPool & Partial<Route>)[]): boolean =>
    pools.some(({ path, pinned = [] }) => path !== undefined || pinned.length > 0);

/** What proxies say of visitors in headers that do not begin with X-Forwarded-. */
export const OTHER_WORDS = ["Forwarded", "X-Real-IP"];

/** By what somebody looks whether an address of the pair is answered: its first listener. */
export function probed({ http: [http], tcp: [tcp] }: Pick<BalancerSettings, "http" | "tcp">) {
    if (!http) return { port: tcp!.port, scheme: "tcp" };
    return { port: httpPort(http), scheme: http.tls ? "https" : "http" };
}
