export interface HaproxyListener {
    /** Address to listen on; `{{anchor}}` and `{{address HOST}}` are filled in on the host. */
    address: string;
    /** Whether to listen before the host has the address, as with one that VRRP carries. */
    nonLocal: boolean;
    port: number;
    backends: HaproxyBackend[];
    balance: string;
    healthPath: string;
    pinned: HaproxyPin[];
}

export interface HaproxyBackend {
    host: string;
    port: number;
}

/** Requests whose path begins with `path` go to `host`, a backend of the same listener. */
export interface HaproxyPin {
    path: string;
    host: string;
    /** Whether the other backends take over while `host` is down. */
    fallback: boolean;
}

/**
 * Where HAProxy tells on loopback that it works (`path`, for keepalived and for the role's health test), and that every
 * listener of a pair has a backend that does (`readyPath` and the pair's name, for `failover`); and what it counts.
 */
export const MONITOR = { port: 8404, path: "/alive", readyPath: "/ready", metricsPath: "/metrics" };

/** Where each pair has its listeners, beside what all have in common. */
export const HAPROXY_FOLDER = "/etc/haproxy/evenkeel";

/** What Debian's unit gives to HAProxy besides haproxy.cfg. */
export const haproxyDefaults = `EXTRAOPTS="-f ${HAPROXY_FOLDER}"\n`;

/** HAProxy's administration socket. */
export const STATS_SOCKET = "/run/haproxy/admin.sock";

/** The listeners of a pair. Hosts stand in it by name, so it is known before they have addresses. */
export function haproxyListeners(pair: string, listeners: HaproxyListener[]): string {
    return [ready(pair, listeners), ...listeners.map((each) => listener(pair, each))].join("\n");
}

/** haproxy.cfg for Debian 12's HAProxy 2.6: what the pairs of a host have in common. */
export const haproxyConfig = `global
    log stdout format raw local0 notice
    user haproxy
    group haproxy
    stats socket ${STATS_SOCKET} mode 660 level admin
    maxconn 4000
    hard-stop-after 60s

defaults http
    mode http
    log global
    option httplog
    option dontlog-normal
    timeout connect 1s
    timeout client 30s
    timeout server 60s
    timeout queue 10s
    timeout http-request 10s
    timeout http-keep-alive 10s
    # A request that a backend did not answer is tried on another one (only GET and HEAD, see the backends).
    retries 3
    option redispatch 1
    retry-on conn-failure empty-response response-timeout
    default-server check inter 1s fastinter 500ms downinter 1s fall 2 rise 2

frontend monitor from http
    bind 127.0.0.1:${MONITOR.port}
    monitor-uri ${MONITOR.path}
    http-request use-service prometheus-exporter if { path ${MONITOR.metricsPath} }
`;

function ready(pair: string, listeners: HaproxyListener[]): string {
    const haveBackends = listeners.map(({ port }) => ` { nbsrv(${backendName(pair, port)}) gt 0 }`).join("");
    return `frontend ${pair}-monitor from http
    bind unix@${readySocket(pair)} mode 600
    http-request return status 200 if { path ${MONITOR.readyPath} }${haveBackends}
    http-request return status 503
`;
}

/** Where HAProxy answers \`/ready\` with 200 while every listener of the pair has a backend that works. */
export const readySocket = (pair: string) => `/run/haproxy/${pair}.sock`;

const backendName = (pair: string, port: number) => `${pair}-http-${port}`;

function listener(pair: string, settings: HaproxyListener): string {
    const { address, nonLocal, port, pinned } = settings;
    const name = backendName(pair, port);
    const rules = pinned.map(({ path }, i) => `    use_backend ${name}-pinned-${i} if { path_beg ${path} }`);
    return `${[
        `frontend ${name} from http`,
        `    bind ${address}:${port}${nonLocal ? " transparent" : ""}`,
        "    http-request set-header X-Forwarded-For %[src]",
        "    http-request set-header X-Forwarded-Proto http",
        ...rules,
        `    default_backend ${name}`,
        "",
        ...backend(name, settings, servers(settings)),
        ...pinned.flatMap((pin, i) => [
            "",
            ...backend(`${name}-pinned-${i}`, settings, servers(settings, pin)),
        ]),
    ].join("\n")}\n`;
}

function backend(name: string, { balance, healthPath }: HaproxyListener, lines: string[]): string[] {
    return [
        `backend ${name} from http`,
        `    balance ${balance}`,
        `    option httpchk GET ${healthPath}`,
        "    http-check expect status 200",
        "    http-request disable-l7-retry if !METH_GET",
        "    http-response set-header X-Served-By %s",
        ...lines,
    ];
}

/** Without a pin every backend takes its share; with one, the others stand by or are left out. */
function servers({ backends }: HaproxyListener, pin?: HaproxyPin): string[] {
    return backends
        .filter(({ host }) => !pin || pin.fallback || host === pin.host)
        .map(({ host, port }) => {
            const backup = pin && host !== pin.host ? " backup" : "";
            return `    server ${host} ${host}:${port}${backup}`;
        });
}
