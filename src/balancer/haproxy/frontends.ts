import {
    BUSY_PAGE,
    choices,
    httpName,
    httpPort,
    isChallenged,
    maintenanceFile,
    PLAIN_PORT,
    redirected,
    tcpName,
} from "../frontends.ts";
import type { HttpListener, TcpListener } from "../listeners.ts";
import { crtList } from "../tls.ts";
import { httpBackends, tcpBackend } from "./backends.ts";
import { routing } from "./routing.ts";
import { connections, requestCounts, requestLimit, visitor } from "./visitors.ts";

/** What the listeners of one pair on one host have in common. */
export interface FrontendSettings {
    pair: string;
    /** Where to listen; placeholders are filled in on the host. */
    addresses: string[];
    /** Whether to listen before the host has an address, as with one that its holder alone has. */
    nonLocal: boolean;
    /** What every listener of HTTP answers first. */
    first?: string[];
}

/** Section with the balancers, which tell each other which visitor was where. */
export const peersName = (pair: string) => `${pair}-peers`;

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

const BUSY = `string "${BUSY_PAGE}"`;

const COMPRESSION = [
    "    compression algo gzip",
    "    compression type text/html text/css text/plain text/xml text/javascript application/javascript application/json application/xml image/svg+xml",
];
