import { httpPort, OTHER_WORDS } from "../frontends.ts";
import type { HttpListener } from "../listeners.ts";

/** nginx knows no headers by how they begin: what applications read of those that are not set here. */
const DROPPED = [
    ...OTHER_WORDS,
    ...["Host", "Port", "Prefix", "Scheme", "Server", "Ssl"].map((word) => `X-Forwarded-${word}`),
];

/** With PROXY protocol a connection's sender is the visitor. */
const isTold = ({ trustedProxies = [], acceptProxyProtocol }: HttpListener) =>
    trustedProxies.length > 0 && !acceptProxyProtocol;

const suffix = (listener: HttpListener) => `of_${httpPort(listener)}`;

/** Who asks, and how, is told by this proxy alone, or by those before it that are trusted. */
export function visitorMaps(listener: HttpListener): string[] {
    if (!isTold(listener)) return [];
    const of = suffix(listener);
    const networks = listener.trustedProxies!.map((network) => `    ${network} 1;\n`).join("");
    const said = (name: string) => name.toLowerCase().replaceAll("-", "_");
    return [
        `geo $realip_remote_addr $proxy_${of} {\n    default 0;\n${networks}}\n`,
        `map "$proxy_${of} $http_x_forwarded_for" $forwarded_for_${of} {
    default $realip_remote_addr;
    "~^1 ." "$http_x_forwarded_for, $realip_remote_addr";
}
`,
        `map "$proxy_${of} $http_x_forwarded_proto" $forwarded_proto_${of} {
    default $scheme;
    "~^1 ." $http_x_forwarded_proto;
}
`,
        ...DROPPED.map(
            (name) =>
                `map $proxy_${of} $${said(name)}_${of} {\n    default "";\n    1 $http_${said(name)};\n}\n`,
        ),
    ];
}

/** In a server of nginx. */
export function visitorLines(listener: HttpListener): string[] {
    const { trustedProxies = [], acceptProxyProtocol } = listener;
    const of = suffix(listener);
    const told = isTold(listener);
    const header = (name: string, value: string) => `proxy_set_header ${name} ${value};`;
    return [
        ...trustedProxies.map((network) => `set_real_ip_from ${network};`),
        ...(trustedProxies.length > 0
            ? [`real_ip_header ${acceptProxyProtocol ? "proxy_protocol" : "X-Forwarded-For"};`]
            : []),
        header("X-Forwarded-For", told ? `$forwarded_for_${of}` : "$remote_addr"),
        header("X-Forwarded-Proto", told ? `$forwarded_proto_${of}` : "$scheme"),
        ...DROPPED.map((name) =>
            header(name, told ? `$${name.toLowerCase().replaceAll("-", "_")}_${of}` : '""'),
        ),
    ];
}

/** Over ten seconds, as HAProxy counts them. */
export function limitZones(listener: HttpListener): string[] {
    const { requestsPerSecond, connections } = listener.limits ?? {};
    const of = suffix(listener);
    return [
        ...(requestsPerSecond === undefined
            ? []
            : [`limit_req_zone $binary_remote_addr zone=requests_${of}:10m rate=${requestsPerSecond}r/s;\n`]),
        ...(connections === undefined
            ? []
            : [`limit_conn_zone $binary_remote_addr zone=connections_${of}:10m;\n`]),
    ];
}

export function limitLines(listener: HttpListener): string[] {
    const { requestsPerSecond, connections } = listener.limits ?? {};
    const of = suffix(listener);
    return [
        ...(requestsPerSecond === undefined
            ? []
            : [`limit_req zone=requests_${of} burst=${requestsPerSecond * 10} nodelay;`]),
        ...(connections === undefined ? [] : [`limit_conn connections_${of} ${connections};`]),
    ];
}
