import { httpBackends, tcpBackend } from "./backends.ts";
import type { HttpListener, TcpListener } from "./listeners.ts";
import { choices, routing } from "./routing.ts";
import { crtList } from "./tls.ts";
import { connections, requestCounts, requestLimit, visitor } from "./visitors.ts";

/** What the listeners of one pair on one host have in common. */
export interface FrontendSettings {
    pair: string;
    /** Where to listen; `{{anchor}}` is filled in on the host. */
    addresses: string[];
    /** Whether to listen before the host has an address, as with one that VRRP carries. */
    nonLocal: boolean;
    /** What every listener of HTTP answers first. */
    first?: string[];
}

/** A listener's name in HAProxy, and its own pool's. */
export const httpName = (pair: string, listener: HttpListener) => `${pair}-http-${httpPort(listener)}`;
export const tcpName = (pair: string, { port }: TcpListener) => `${pair}-tcp-${port}`;

export const httpPort = ({ port, tls }: HttpListener) => port ?? (tls ? 443 : 80);

/** Ports that are open to visitors. */
export const openPorts = (http: HttpListener[], tcp: TcpListener[]): number[] => [
    ...http.map(httpPort),
    ...(redirected(http) || isChallenged(http) ? [PLAIN_PORT] : []),
    ...tcp.map(({ port }) => port),
];

const PLAIN_PORT = 80;

/** The listener with TLS to which visitors in plain are sent on; none when another one listens to them. */
function redirected(http: HttpListener[]): HttpListener | undefined {
    if (http.some((listener) => httpPort(listener) === PLAIN_PORT)) return undefined;
    return http.find(({ tls }) => tls && tls.redirect !== false);
}

/** Whether an authority comes to the plain port, and no other listener is there to answer. */
const isChallenged = (http: HttpListener[]) =>
    !http.some((listener) => httpPort(listener) === PLAIN_PORT) &&
    http.some(({ tls }) => tls?.acme && tls.acme.challenge !== "dns-01");

/** Section with the balancers, which tell each other which visitor was where. */
export const peersName = (pair: string) => `${pair}-peers`;

/** File with what visitors see while no host can answer. */
export const maintenanceFile = (pair: string, listener: HttpListener) =>
    `/etc/evenkeel/balancers/${pair}/maintenance-${httpPort(listener)}.html`;

/** One listener of HTTP with all its backends. */
export function httpListener(settings: FrontendSettings, listener: HttpListener): string {
    const { pair, first = [] } = settings;
    const { tls, timeout = 60, limits, maintenancePage, compress } = listener;
    const name = httpName(pair, listener);
    const pools = choices(name, listener);
    const frontend = [
        `frontend ${name} from http`,
        bind(settings, httpPort(listener), tls ? ` ssl crt-list ${crtList(name)} alpn h2,http/1.1` : ""),
        `    timeout client ${timeout}s`,
        ...connections(listener),
        ...first.map((line) => `    ${line}`),
        ...visitor(listener),
        ...requestLimit(name, limits),
        ...(tls?.hsts ? [`    http-response set-header Strict-Transport-Security max-age=${tls.hsts}`] : []),
        ...(compress ? COMPRESSION : []),
        unavailable(maintenancePage === undefined ? BUSY : `file ${maintenanceFile(pair, listener)}`),
        ...routing(pools),
    ];
    const shared = {
        peers: peersName(pair),
        timeout,
        secure: tls !== undefined,
    };
    return [
        `${frontend.join("\n")}\n`,
        ...requestCounts(name, limits),
        ...pools.flatMap(([name, pool]) => httpBackends(name, pool, shared)),
    ].join("\n");
}

/**
 * The plain port without a listener of its own: whoever asks there is sent to where TLS ends, under the name by which the visitor
 * called the site.
 */
export function plain(settings: FrontendSettings, http: HttpListener[]): string[] {
    const listener = redirected(http);
    if (!listener && !isChallenged(http)) return [];
    const lines = [
        `frontend ${settings.pair}-http-${PLAIN_PORT} from http`,
        bind(settings, PLAIN_PORT),
        ...(settings.first ?? []).map((line) => `    ${line}`),
        listener ? redirect(httpPort(listener)) : "    http-request return status 404",
    ];
    return [`${lines.join("\n")}\n`];
}

const redirect = (port: number) =>
    `    http-request redirect location https://%[req.hdr(host),field(1,:)]${port === 443 ? "" : `:${port}`}%[capture.req.uri] code 301`;

export function tcpListener(settings: FrontendSettings, listener: TcpListener): string {
    const name = tcpName(settings.pair, listener);
    const { timeout = 3600 } = listener;
    const frontend = [
        `frontend ${name} from tcp`,
        bind(settings, listener.port),
        `    timeout client ${timeout}s`,
        ...connections(listener),
        `    default_backend ${name}`,
    ];
    const shared = { peers: peersName(settings.pair), timeout, secure: false };
    return `${frontend.join("\n")}\n\n${tcpBackend(name, listener, shared)}`;
}

const bind = ({ addresses, nonLocal }: FrontendSettings, port: number, more = "") =>
    addresses
        .map((address) => `    bind ${address}:${port}${nonLocal ? " transparent" : ""}${more}`)
        .join("\n");

/** While no host can answer, or none has a place for long. */
const unavailable = (page: string) =>
    `    http-error status 503 content-type "text/html; charset=utf-8" ${page} hdr Retry-After 10`;

const BUSY = 'string "<h1>Please try again soon</h1>"';

const COMPRESSION = [
    "    compression algo gzip",
    "    compression type text/html text/css text/plain text/xml text/javascript application/javascript application/json application/xml image/svg+xml",
];
