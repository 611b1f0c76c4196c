import type { Host } from "../../hosts/host.ts";
import type { BalancedPool, HttpPool, PinnedPath, TcpListener } from "../listeners.ts";
import { LOAD_AGENT_PORT } from "../loadAgent.ts";
import { configuredWeight } from "../weights.ts";
import { databaseLines, databaseServer } from "./databaseBackend.ts";

/** A backend of HAProxy's: hosts that share what comes in. */
interface Backend {
    mode: "http" | "tcp";
    name: string;
    pool: BalancedPool;
    /** Seconds in which the host says nothing. */
    timeout: number;
    /** What only this kind of backend has. */
    lines: string[];
    servers: string[];
}

/** What the backends of a listener have in common. */
export interface BackendSettings {
    /** Section that tells the other balancers who was where. */
    peers: string;
    timeout: number;
    /** Cookies that a listener of TLS gives out are for TLS alone. */
    secure: boolean;
}

/** Requests for a host at once, for each of its processes: those of static files need none. */
const REQUESTS_PER_WORKER = 4;

/**
 * The backends of a pool of HTTP: those of its pins, and its own. There a host that answers with one error after the other is left
 * out for a while, though its health check is fine. When that leaves nobody, as it does when the application itself is at fault,
 * a second one goes by the health check alone.
 */
export function httpBackends(name: string, pool: HttpPool, settings: BackendSettings): string[] {
    const { backends, backendPort: port = 80, healthPath = "/healthz", pinned = [] } = pool;
    const http = (name: string, more: string[], servers: string[]) => {
        const lines = [
            `    option httpchk GET ${healthPath}`,
            "    http-check expect status 200",
            "    http-request disable-l7-retry if !METH_GET",
            "    http-response set-header X-Served-By %s",
            ...more,
        ];
        return backend({ mode: "http", name, pool, timeout: settings.timeout, lines, servers });
    };
    const stays = stickiness(name, pool, "var(txn.visitor)", settings);
    const all = backends.map((host) => server(pool, host, port));
    const usual = [...stays, ...asked(pool)];
    const own = isObserved(pool)
        ? [http(name, [...usual, ...OBSERVED], all), http(regardless(name), [...stays, REGARDLESS], all)]
        : [http(name, usual, all)];
    return [...own, ...pinned.map((pin, i) => http(pinnedName(name, i), [], pinnedServers(pool, pin)))];
}

const OBSERVED = [
    "    # Five errors in a row, and a host is asked no more until its next checks are well.",
    "    default-server observe layer7 error-limit 5 on-error mark-down",
];
const REGARDLESS = "    # In its place when that leaves no host: then the errors are the application's.";

/** Whether a host can be left out. */
const isObserved = ({ backends }: HttpPool) => backends.length > 1;

/** The backend that tells by health alone whether a pool can answer. */
export const byHealth = (name: string, pool: HttpPool) => (isObserved(pool) ? regardless(name) : name);

const regardless = (name: string) => `${name}-regardless`;
export const pinnedName = (name: string, i: number) => `${name}-pinned-${i}`;

export function tcpBackend(name: string, listener: TcpListener, settings: BackendSettings): string {
    const { backends, port, backendPort = port, healthPath, healthPort, database } = listener;
    const common = { mode: "tcp", name, pool: listener, timeout: settings.timeout } as const;
    if (database) {
        const members = database.members.map((member) => databaseServer(member.name, listener));
        return backend({ ...common, lines: databaseLines(name, listener), servers: members });
    }
    return backend({
        ...common,
        lines: [
            ...(healthPath === undefined
                ? []
                : [`    option httpchk GET ${healthPath}`, "    http-check expect status 200"]),
            ...(healthPort === undefined ? [] : [`    default-server port ${healthPort}`]),
            ...stickiness(name, listener, "src", settings),
            ...asked(listener),
        ],
        servers: backends.map((host) => server(listener, host, backendPort)),
    });
}

function backend({ mode, name, pool, timeout, lines, servers }: Backend): string {
    const { balance = "roundrobin", queueTimeout = 10, sendProxyProtocol, weightByLoad } = pool;
    return `${[
        `backend ${name} from ${mode}`,
        `    balance ${balance}`,
        // Without it a hash is of the weights that the servers begin with.
        ...(weightByLoad && balance === "source" ? ["    hash-type consistent"] : []),
        `    timeout server ${timeout}s`,
        `    timeout queue ${queueTimeout}s`,
        ...(sendProxyProtocol ? ["    default-server send-proxy-v2 check-send-proxy"] : []),
        ...lines,
        ...servers,
    ].join("\n")}\n`;
}

/** Without a pin every backend takes its share; with one, the others stand by or are left out. */
function pinnedServers(pool: HttpPool, { to, fallback = true }: PinnedPath): string[] {
    return pool.backends
        .filter((host) => fallback || host.name === to.name)
        .map((host) => {
            const line = server(pool, host, pool.backendPort ?? 80);
            return host.name === to.name ? line : `${line} backup`;
        });
}

function server(pool: BalancedPool, { name, workers }: Host, port: number): string {
    const { maxConnections, stickiness } = pool;
    const weight = configuredWeight(pool, name);
    const most = maxConnections ?? (workers === undefined ? undefined : workers * REQUESTS_PER_WORKER);
    return [
        `    server ${name} ${name}:${port}`,
        ...(weight === undefined ? [] : [`weight ${weight}`]),
        ...(most === undefined ? [] : [`maxconn ${most}`]),
        ...(stickiness?.by === "cookie" ? [`cookie ${name}`] : []),
    ].join(" ");
}

/** How hosts are asked what they can take; a pool that is there when no other host is left takes them as they are. */
const asked = ({ weightByLoad }: BalancedPool): string[] =>
    weightByLoad ? [`    default-server agent-check agent-port ${LOAD_AGENT_PORT} agent-inter 2s`] : [];

/** How a visitor stays with a host. */
function stickiness(
    name: string,
    { stickiness }: BalancedPool,
    visitor: string,
    { peers, secure }: BackendSettings,
): string[] {
    if (!stickiness) return [];
    const { by, cookie = name } = stickiness;
    if (by === "address") return [`    stick on ${visitor} table ${peers}/${name}`];
    return [
        `    cookie ${cookie} insert indirect nocache httponly${secure ? " secure" : ""} attr SameSite=Lax`,
    ];
}

/** Where a pool's visitors are remembered by their addresses. */
export function visitorTable(name: string, { stickiness }: BalancedPool): string[] {
    if (stickiness?.by !== "address") return [];
    return [`    table ${name} type ipv6 size 100k expire ${stickiness.expire ?? 1800}s`];
}
