import type { Acme } from "../acme/args.ts";
import type { Host } from "../hosts/host.ts";

export interface HttpListener {
    /** @default 80 */
    port?: number;
    /** The hosts that answer; a pool's `hosts`. */
    backends: Host[];
    /** Port of the backends. @default 80 */
    backendPort?: number;
    /** Which backend the next request goes to. @default "roundrobin" */
    balance?: Balance;
    /** Path that a working backend answers with 200. @default "/healthz" */
    healthPath?: string;
    /** Paths that one backend answers, such as an administrator's. */
    pinned?: PinnedPath[];
    /**
     * Networks of proxies before the balancers, in CIDR form, such as one that ends TLS: their word on a visitor's address and
     * scheme counts, everybody else's is dropped. @default none
     */
    trustedProxies?: string[];
    /** Seconds in which neither the visitor nor the backend says anything, 1 to 86,400; WebSockets have an hour. @default 60 */
    timeout?: number;
    /** Makes it a listener in HTTPS. @default none: plain HTTP */
    tls?: Tls;
}

export interface Tls {
    /** Certificates that the balancers get by themselves; one listener of a pair can have them. */
    acme: Acme;
}

/** HAProxy's names of the algorithms. */
export const Balance = {
    RoundRobin: "roundrobin",
    LeastConn: "leastconn",
    Source: "source",
    Random: "random",
} as const;
export type Balance = (typeof Balance)[keyof typeof Balance];

export interface PinnedPath {
    /** Path of a request, such as "/wp-admin", with all that is below it; however it is written. */
    path: string;
    /** The backend that answers it. */
    to: Host;
    /** Whether the other backends answer while that one is down. @default true */
    fallback?: boolean;
}

/** A listener with hosts by name, as the configuration texts have them, and without what may be a credential. */
export function namesOnly({ backends, pinned = [], tls, ...rest }: HttpListener) {
    return {
        ...rest,
        ...(tls ? { tls: { names: tls.acme.certificates.map(({ names }) => names) } } : {}),
        backends: backends.map((host) => host.name),
        pinned: pinned.map(({ to, ...pin }) => ({ ...pin, to: to.name })),
    };
}
