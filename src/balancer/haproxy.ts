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
    /** Networks of proxies before this one, whose word counts for who asks, and how. */
    trustedProxies: string[];
    /** Seconds in which neither side says anything. */
    timeout: number;
}

export interface HaproxyBackend {
    host: string;
    port: number;
}

/** Requests for `path` and whatever is below it go to `host`, a backend of the same listener. */
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
export function haproxyListeners(pair: string, listeners: HaproxyListener[], readyAddress?: string): string {
    return [ready(pair, listeners, readyAddress), ...listeners.map((each) => listener(pair, each))].join(
        "\n",
    );
}

/** haproxy.cfg for Debian 12's HAProxy 2.6: what the pairs of a host have in common. */
export const haproxyConfig = `global
    # With a level that the journal reads.
    log stdout format short local0 notice
    user haproxy
    group haproxy
    stats socket ${STATS_SOCKET} mode 660 level admin
    maxconn 4000
    hard-stop-after 60s

defaults http
    mode http
    log global
    option httplog
    # Errors alone, and at a level of their own.
    option dontlog-normal
    option log-separate-errors
    timeout connect 1s
    timeout client 60s
    timeout server 60s
    timeout client-fin 30s
    timeout tunnel 1h
    timeout queue 10s
    timeout http-request 10s
    timeout http-keep-alive 10s
    # A request that no backend has taken is tried on another one, and of those that ended without an answer GET and HEAD (see the
    # backends). One that takes long is not: its work would be done twice.
    retries 3
    option redispatch 1
    retry-on conn-failure empty-response
    default-server check inter 1s fastinter 500ms downinter 1s fall 2 rise 2

frontend monitor from http
    bind 127.0.0.1:${MONITOR.port}
    monitor-uri ${MONITOR.path}
    http-request use-service prometheus-exporter if { path ${MONITOR.metricsPath} }
`;

function ready(pair: string, listeners: HaproxyListener[], address?: string): string {
    const haveBackends = listeners.map(({ port }) => ` { nbsrv(${backendName(pair, port)}) gt 0 }`).join("");
    return `frontend ${pair}-monitor from http
    bind unix@${readySocket(pair)} mode 600
${address === undefined ? "" : `    bind ${address}\n`}    http-request return status 200 if { path ${MONITOR.readyPath} }${haveBackends}
    http-request return status 503
`;
}

/** Where HAProxy answers \`/ready\` with 200 while every listener of the pair has a backend that works. */
export const readySocket = (pair: string) => `/run/haproxy/${pair}.sock`;

const backendName = (pair: string, port: number) => `${pair}-http-${port}`;

function listener(pair: string, settings: HaproxyListener): string {
    const { address, nonLocal, port, pinned, timeout } = settings;
    const name = backendName(pair, port);
    return `${[
        `frontend ${name} from http`,
        `    bind ${address}:${port}${nonLocal ? " transparent" : ""}`,
        `    timeout client ${timeout}s`,
        ...visitor(settings.trustedProxies),
        ...pins(name, pinned),
        `    default_backend ${name}`,
        "",
        ...backend(name, settings, servers(settings)),
        ...pinned.flatMap((pin, i) => [
            "",
            ...backend(`${name}-pinned-${i}`, settings, servers(settings, pin)),
        ]),
    ].join("\n")}\n`;
}

/** Who asks, and how, is told by this proxy alone, or by those before it that are trusted. */
function visitor(trusted: string[]): string[] {
    const header = "http-request set-header X-Forwarded-For";
    const others = ["Forwarded", "X-Forwarded-Host", "X-Forwarded-Port", "X-Real-IP"];
    const isTold = "is_proxy { req.fhdr(X-Forwarded-For) -m found }";
    const lines =
        trusted.length > 0
            ? [
                  `acl is_proxy src ${trusted.join(" ")}`,
                  `${header} "%[req.fhdr(X-Forwarded-For)], %[src]" if ${isTold}`,
                  `${header} %[src] unless ${isTold}`,
                  "http-request set-header X-Forwarded-Proto http unless is_proxy { req.fhdr(X-Forwarded-Proto) -m found }",
                  ...others.map((name) => `http-request del-header ${name} unless is_proxy`),
              ]
            : [
                  `${header} %[src]`,
                  "http-request set-header X-Forwarded-Proto http",
                  ...others.map((name) => `http-request del-header ${name}`),
              ];
    return lines.map((line) => `    ${line}`);
}

/**
 * By the path as the host will read it: decoded, and without empty or dotted parts, which would lead round a pin. A step up leads
 * where only the host knows.
 */
function pins(name: string, pinned: HaproxyPin[]): string[] {
    if (pinned.length === 0) return [];
    return [
        `    http-request set-var(txn.path) 'path,url_dec,regsub("/([.]?/)+",/,g)'`,
        "    http-request deny deny_status 400 if { var(txn.path) -m reg (^|/)[.][.]?(/|$) }",
        ...pinned.map(({ path }, i) => {
            const whole = path.replace(/\/+$/, "");
            const below = `{ var(txn.path) -m beg ${whole}/ }`;
            const itself = whole === "" ? "" : ` || { var(txn.path) -m str ${whole} }`;
            return `    use_backend ${name}-pinned-${i} if ${below}${itself}`;
        }),
    ];
}

function backend(name: string, { balance, healthPath, timeout }: HaproxyListener, lines: string[]): string[] {
    return [
        `backend ${name} from http`,
        `    balance ${balance}`,
        `    timeout server ${timeout}s`,
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
