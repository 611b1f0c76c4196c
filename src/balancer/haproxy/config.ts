import { choices, httpName, tcpName } from "../frontends.ts";
import { allPools, type HttpListener, type TcpListener } from "../listeners.ts";
import { MONITOR } from "../watch.ts";
import { byHealth, visitorTable } from "./backends.ts";
import { type FrontendSettings, httpListener, peersName, plain, tcpListener } from "./frontends.ts";
import { type MonitoringSettings, monitoring } from "./monitoring.ts";

export interface HaproxySettings extends FrontendSettings, MonitoringSettings {
    /** The pair's hosts. */
    hosts: string[];
    http: HttpListener[];
    tcp: TcpListener[];
    /** Where it tells on loopback whether it is ready. */
    readyAddress: string;
    /** Port on which the balancers tell each other what visitor was where. */
    peersPort: number;
}

/** Where each pair has its listeners, beside what all have in common. */
export const HAPROXY_FOLDER = "/etc/haproxy/evenkeel";

/** What Debian's unit gives to HAProxy besides haproxy.cfg. */
export const haproxyDefaults = `EXTRAOPTS="-f ${HAPROXY_FOLDER}"\n`;

/** HAProxy's administration socket. */
export const STATS_SOCKET = "/run/haproxy/admin.sock";

/** All of a pair on one host. Hosts stand in it by name, so it is known before they have addresses. */
export function haproxyPair(settings: HaproxySettings): string {
    const { http, tcp } = settings;
    return [
        ready(settings),
        ...monitoring(settings),
        ...peers(settings),
        ...plain(settings, http),
        ...http.map((listener) => httpListener(settings, listener)),
        ...tcp.map((listener) => tcpListener(settings, listener)),
    ].join("\n");
}

/** Whether the balancers have to tell each other anything. */
export const sharesVisitors = ({ http, tcp }: Pick<HaproxySettings, "http" | "tcp">): boolean =>
    allPools(http, tcp).some(({ stickiness }) => stickiness?.by === "address");

function peers({ pair, hosts, peersPort, http, tcp }: HaproxySettings): string[] {
    const pools = [
        ...http.flatMap((listener) => choices(httpName(pair, listener), listener)),
        ...tcp.map((listener) => [tcpName(pair, listener), listener] as const),
    ];
    const tables = pools.flatMap(([name, pool]) => visitorTable(name, pool));
    if (tables.length === 0) return [];
    const lines = hosts.toSorted().map((host) => `    peer ${host} ${host}:${peersPort}`);
    return [`peers ${peersName(pair)}\n${[...lines, ...tables].join("\n")}\n`];
}

/** haproxy.cfg for Debian 12's HAProxy 2.6: what the pairs of a host have in common. */
export const haproxyConfig = (host: string) => `global
    localpeer ${host}
    # With a level that the journal reads.
    log stdout format short local0 notice
    user haproxy
    group haproxy
    stats socket ${STATS_SOCKET} mode 660 level admin
    maxconn 4000
    hard-stop-after 60s
    # Mozilla's intermediate: what browsers of the last ten years have.
    ssl-default-bind-options ssl-min-ver TLSv1.2 no-tls-tickets
    ssl-default-bind-ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305

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
    timeout http-request 10s
    timeout http-keep-alive 10s
    # A request that no backend has taken is tried on another one, and of those that ended without an answer GET and HEAD (see the
    # backends). One that takes long is not: its work would be done twice.
    retries 3
    option redispatch 1
    retry-on conn-failure empty-response
    default-server check inter 1s fastinter 500ms downinter 1s fall 2 rise 2
    http-error status 429 content-type text/plain string "Too many requests." hdr Retry-After 10

defaults tcp
    mode tcp
    log global
    option tcplog
    option dontlog-normal
    option clitcpka
    option srvtcpka
    timeout connect 1s
    timeout client 1h
    timeout server 1h
    retries 3
    option redispatch 1
    default-server check inter 1s fastinter 500ms downinter 1s fall 2 rise 2 on-marked-down shutdown-sessions

frontend monitor from http
    bind 127.0.0.1:${MONITOR.port}
    monitor-uri ${MONITOR.path}
    http-request use-service prometheus-exporter if { path ${MONITOR.metricsPath} }
`;

function ready({ pair, http, tcp, readyAddress }: HaproxySettings): string {
    // By health alone.
    const pools = [
        ...http.map((listener) => byHealth(httpName(pair, listener), listener)),
        ...tcp.map((listener) => tcpName(pair, listener)),
    ];
    const haveBackends = pools.map((name) => ` { nbsrv(${name}) gt 0 }`).join("");
    return `frontend ${pair}-monitor from http
    bind unix@${readySocket(pair)} mode 600
    bind ${readyAddress}
    http-request return status 200 if { path ${MONITOR.readyPath} }${haveBackends}
    http-request return status 503
`;
}

/** Where HAProxy answers \`/ready\` with 200 while every listener of the pair has a backend that works. */
export const readySocket = (pair: string) => `/run/haproxy/${pair}.sock`;
