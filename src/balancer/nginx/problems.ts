import { type Problem, when } from "../../hosts/validation.ts";
import type { LoadBalancerPairArgs } from "../args.ts";
import type { BalancedPool, HttpListener, HttpPool, TcpListener } from "../listeners.ts";

/** What HAProxy does with these arguments, and nginx of Debian 12 cannot. */
export function nginxProblems({
    http = [],
    tcp = [],
    metricsPort,
    statusPage,
}: LoadBalancerPairArgs): Problem[] {
    return [
        ...when(
            metricsPort !== undefined,
            "metricsPort",
            not('has no figures for Prometheus: use `engine: "haproxy"`, or leave it out'),
        ),
        ...when(statusPage === true, "statusPage", not('has none: use `engine: "haproxy"`, or leave it out')),
        ...http.flatMap((listener, i) => listenerProblems(`http[${i}]`, listener)),
        ...tcp.flatMap((listener, i) => tcpProblems(`tcp[${i}]`, listener)),
    ];
}

const not = (reason: string) => `nginx ${reason}`;

function listenerProblems(at: string, listener: HttpListener): Problem[] {
    return [
        ...httpPoolProblems(at, listener),
        ...(listener.routes ?? []).flatMap((route, i) => httpPoolProblems(`${at}.routes[${i}]`, route)),
        ...when(
            listener.tls?.acme !== undefined,
            `${at}.tls.acme`,
            not('takes no certificate while it runs: give `certificates`, or use `engine: "haproxy"`'),
        ),
    ];
}

function httpPoolProblems(at: string, pool: HttpPool): Problem[] {
    return [
        ...poolProblems(at, pool),
        ...when(
            pool.stickiness?.by === "cookie",
            `${at}.stickiness`,
            not(
                'of Debian has no cookies of its own: use `balance: "source"`, which goes by visitors\' addresses, or `engine: "haproxy"`',
            ),
        ),
        ...when(
            pool.sendProxyProtocol === true,
            `${at}.sendProxyProtocol`,
            not(
                'sends it in `tcp` listeners alone: leave it out, backends have X-Forwarded-For, or use `engine: "haproxy"`',
            ),
        ),
    ];
}

const tcpProblems = (at: string, listener: TcpListener): Problem[] => [
    ...poolProblems(at, listener),
    ...when(
        listener.database !== undefined,
        `${at}.database`,
        not('of Debian does not ask members who takes the writes: use `engine: "haproxy"`'),
    ),
];

function poolProblems(
    at: string,
    { balance, stickiness, maxConnections, queueTimeout, weightByLoad }: BalancedPool,
): Problem[] {
    return [
        ...when(
            balance === "first",
            `${at}.balance`,
            not('has no "first": use another one, or `engine: "haproxy"`'),
        ),
        ...when(
            stickiness?.by === "address",
            `${at}.stickiness`,
            not(
                'remembers no addresses: use `balance: "source"`, which leads each to the same backend on both balancers, or `engine: "haproxy"`',
            ),
        ),
        ...when(
            maxConnections !== undefined,
            `${at}.maxConnections`,
            not(
                'of Debian lets nobody wait, who finds no place would be turned away: leave it out, or use `engine: "haproxy"`',
            ),
        ),
        ...when(
            queueTimeout !== undefined,
            `${at}.queueTimeout`,
            not('of Debian lets nobody wait for a place: leave it out, or use `engine: "haproxy"`'),
        ),
        ...when(
            weightByLoad === true,
            `${at}.weightByLoad`,
            not(
                'would have to begin anew for each weight: use `balance: "leastconn"`, or `engine: "haproxy"`',
            ),
        ),
    ];
}
