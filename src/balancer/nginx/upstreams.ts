import type { Host } from "../../hosts/host.ts";
import { choices, httpName, tcpName } from "../frontends.ts";
import {
    Balance,
    type BalancedPool,
    type HttpListener,
    type HttpPool,
    type TcpListener,
} from "../listeners.ts";

/** How a backend is asked whether it works. */
export interface Check {
    host: string;
    port: number;
    /** Answered with 200; without, it works if it takes connections. */
    path?: string;
    /** Whether it expects PROXY protocol, of this as of everybody. */
    proxyProtocol?: true;
}

/** By what it is called in the configuration, and in what is told of it. */
const checkName = ({ host, port, path = "", proxyProtocol }: Check) =>
    `${host}:${port}${path}${proxyProtocol ? "(PROXY)" : ""}`;

/** Hosts that share what comes in, under their name in nginx. */
interface Pool {
    name: string;
    pool: BalancedPool;
    check: (host: Host) => Check;
    port: number;
}

const httpPool = (name: string, pool: HttpPool): Pool => {
    const { backendPort: port = 80, healthPath: path = "/healthz" } = pool;
    return { name, pool, port, check: ({ name: host }) => ({ host, port, path }) };
};

function tcpPool(name: string, pool: TcpListener): Pool {
    const { port: own, backendPort: port = own, healthPath: path, healthPort } = pool;
    const check = ({ name: host }: Host): Check => ({
        host,
        port: healthPort ?? port,
        ...(path === undefined ? {} : { path }),
        ...(pool.sendProxyProtocol ? { proxyProtocol: true } : {}),
    });
    return { name, pool, port, check };
}

/** Upstreams of a listener of HTTP: each of its pools, and the pins of each. */
export function httpUpstreams(pair: string, listener: HttpListener): string[] {
    return choices(httpName(pair, listener), listener).flatMap(([name, pool]) => {
        const own = httpPool(name, pool);
        const pins = (pool.pinned ?? []).map(({ to, fallback = true }, i): [string, string[]] => [
            pinnedUpstream(name, i),
            pool.backends
                .filter((host) => fallback || host.name === to.name)
                .map((host) =>
                    server(
                        own,
                        host,
                        host.name === to.name ? { isPinned: true } : { isPinned: true, more: " backup" },
                    ),
                ),
        ]);
        return [
            ...httpUpstream(name, [...method(pool), ...pool.backends.map((host) => server(own, host))]),
            ...pins.flatMap(([pinned, servers]) => httpUpstream(pinned, servers)),
        ];
    });
}

export const pinnedUpstream = (name: string, i: number) => `${name}-pinned-${i}`;

/** Its twin for what must not be asked twice: a connection that waited here may end in the moment it is used. */
const once = (name: string) => `${name}-once`;

const httpUpstream = (name: string, lines: string[]): string[] => [
    upstream(name, [...lines, "keepalive 64;", "keepalive_timeout 30s;"]),
    upstream(once(name), lines),
];

export function tcpUpstream(pair: string, listener: TcpListener): string {
    const own = tcpPool(tcpName(pair, listener), listener);
    return upstream(own.name, [...method(listener), ...listener.backends.map((host) => server(own, host))]);
}

const upstream = (name: string, lines: string[]) =>
    `upstream ${name} {\n${[`zone ${name} 64k;`, ...lines].map((line) => `    ${line}\n`).join("")}}\n`;

/** "source" by a ring: with a host more or less, few visitors come to another one. */
function method({ balance = Balance.RoundRobin }: BalancedPool): string[] {
    switch (balance) {
        case Balance.LeastConn:
            return ["least_conn;"];
        case Balance.Source:
            return ["hash $remote_addr consistent;"];
        case Balance.Random:
            return ["random two least_conn;"];
        default:
            return [];
    }
}

/** Failures of its own count for nothing: they would leave out a host for slow pages, and all hosts in the end. Checks decide. */
function server({ name, pool, check, port }: Pool, host: Host, { isPinned = false, more = "" } = {}): string {
    const weight = pool.weights?.[host.name];
    const line = `server ${host.name}:${port}${weight ? ` weight=${weight}` : ""} max_fails=0${more}`;
    // Who answers errors to visitors is left out of the pool; pins go by checks alone.
    const checked = `# checked: ${checkName(check(host))}${isPinned ? "" : ` in ${name}`}`;
    return weight === 0 ? `${line} down;` : `${line}; ${checked}`;
}

/** What the program beside nginx goes by: whom to ask, and which hosts each pool has. */
export function checksOf(pair: string, http: HttpListener[], tcp: TcpListener[]) {
    const pools = [
        ...http.flatMap((listener) =>
            choices(httpName(pair, listener), listener).map(([name, pool]) => httpPool(name, pool)),
        ),
        ...tcp.map((listener) => tcpPool(tcpName(pair, listener), listener)),
    ];
    const having = (pool: Pool) =>
        pool.pool.backends.filter(({ name }) => pool.pool.weights?.[name] !== 0).map(pool.check);
    return {
        checks: Object.fromEntries(pools.flatMap(having).map((check) => [checkName(check), check])),
        pools: Object.fromEntries(pools.map((pool) => [pool.name, having(pool).map(checkName)])),
        // Routes count for themselves: the rest of the site goes on without them.
        listeners: [
            ...http.map((listener) => httpName(pair, listener)),
            ...tcp.map((listener) => tcpName(pair, listener)),
        ],
    };
}
