import { OTHER_WORDS } from "../frontends.ts";
import { allPools, type ClientLimits, type HttpListener } from "../listeners.ts";

/** Who may connect, and as whom. */
export function connections({
    acceptProxyProtocol,
    trustedProxies = [],
    limits,
}: Pick<HttpListener, "acceptProxyProtocol" | "trustedProxies" | "limits">): string[] {
    const isProxy = `{ src ${trustedProxies.join(" ")} }`;
    const most = limits?.connections;
    return [
        ...(acceptProxyProtocol ? [`    tcp-request connection expect-proxy layer4 if ${isProxy}`] : []),
        ...(most === undefined
            ? []
            : [
                  "    stick-table type ipv6 size 100k expire 1m store conn_cur",
                  // Many visitors come by one proxy.
                  `    tcp-request connection track-sc0 src${trustedProxies.length > 0 ? ` unless ${isProxy}` : ""}`,
                  `    tcp-request connection reject if { sc0_conn_cur gt ${most} }`,
              ]),
    ];
}

/** Whether what is told of a visitor counts here, too. */
const isCounted = (listener: HttpListener): boolean =>
    listener.limits?.requestsPerSecond !== undefined ||
    allPools([listener], []).some(({ stickiness }) => stickiness?.by === "address");

/**
 * Who asks, and how, is told by this proxy alone, or by those before it that are trusted. What visitors say of it goes first and at
 * once: HAProxy reads all headers for each rule that removes or replaces one.
 */
export function visitor(listener: HttpListener): string[] {
    const { trustedProxies: trusted = [], tls } = listener;
    const known = "http-request set-var(txn.visitor)";
    const counted = (lines: string[]) => (isCounted(listener) ? lines : []);
    const scheme = tls ? "https" : "http";
    const forgotten = ["X-Forwarded- -m beg", ...OTHER_WORDS].map(
        (name) => `http-request del-header ${name}`,
    );
    const isTold = "is_proxy { req.fhdr(X-Forwarded-For) -m found }";
    const lines =
        trusted.length > 0
            ? [
                  `acl is_proxy src ${trusted.join(" ")}`,
                  ...forgotten.map((line) => `${line} unless is_proxy`),
                  ...counted([`${known} src`, `${known} req.hdr_ip(X-Forwarded-For,-1) if ${isTold}`]),
                  `http-request set-header X-Forwarded-For "%[req.fhdr(X-Forwarded-For)], %[src]" if ${isTold}`,
                  `http-request set-header X-Forwarded-For %[src] unless ${isTold}`,
                  `http-request set-header X-Forwarded-Proto ${scheme} unless is_proxy { req.fhdr(X-Forwarded-Proto) -m found }`,
              ]
            : [
                  ...forgotten,
                  ...counted([`${known} src`]),
                  "http-request add-header X-Forwarded-For %[src]",
                  `http-request add-header X-Forwarded-Proto ${scheme}`,
              ];
    return lines.map((line) => `    ${line}`);
}

/** Over the ten seconds that HAProxy counts. */
export function requestLimit(listener: string, { requestsPerSecond }: ClientLimits = {}): string[] {
    if (requestsPerSecond === undefined) return [];
    return [
        `    http-request track-sc1 var(txn.visitor) table ${requestTable(listener)}`,
        `    http-request deny deny_status 429 if { sc1_http_req_rate gt ${requestsPerSecond * 10} }`,
    ];
}

/** Where requests are counted: in the table of connections each would count for its connection, too. */
export function requestCounts(listener: string, { requestsPerSecond }: ClientLimits = {}): string[] {
    if (requestsPerSecond === undefined) return [];
    const table = "    stick-table type ipv6 size 100k expire 1m store http_req_rate(10s)";
    return [`backend ${requestTable(listener)} from http\n${table}\n`];
}

const requestTable = (listener: string) => `${listener}-requests`;
