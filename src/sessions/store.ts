import { onHost } from "../hosts/programs.ts";
import {
    claims,
    drain,
    file,
    firewall,
    healthy,
    reports,
    resume,
    type Step,
    secret,
    state,
} from "../hosts/roleText.ts";
import { daemon } from "../hosts/units.ts";
import { storesBy } from "./settings.ts";

/** Where a store has what is its own. */
const FOLDER = "/etc/evenkeel/session-store";
const TLS = { ca: `${FOLDER}/ca.pem`, cert: `${FOLDER}/cert.pem`, key: `${FOLDER}/key.pem` };
const USERS = `${FOLDER}/users.acl`;
const PASSWORD = `${FOLDER}/password`;
const PROGRAM = "/usr/local/lib/evenkeel/session-store";

export const storePackages = ["python3-redis", "redis-server"];

export const storePrograms = [
    "sessions/session-store",
    "sessions/session_follow.py",
    "sessions/session_redis.py",
    "sessions/session_steps.py",
    "member/member_watch.py",
];

export interface StoreSettings {
    host: string;
    /** All hosts with a store. */
    hosts: string[];
    /** Hosts with PHP that keeps its sessions there. */
    clients: string[];
    /** Megabytes. */
    memory: number;
    port: number;
}

/**
 * The role of a host with a store: values `ca`, `cert`, `key`, `users` and `password` of its input. What a store was not there for
 * it fetches from the others, and is healthy once it has all of that: so the next one may go.
 */
export function storeSteps(settings: StoreSettings): Step[] {
    const { host, hosts, clients, port } = settings;
    const others = [...new Set([...clients, ...hosts])].filter((each) => each !== host).toSorted();
    const unit = "evenkeel-session-store";
    const follows = { name: host, stores: storesBy(hosts, port), ca: TLS.ca, password: PASSWORD };
    return [
        claims(["Redis", `tcp ${host}:${port}`]),
        drain("data", `${PROGRAM} pause`),
        resume("data", `${PROGRAM} resume`),
        firewall(others.map((other) => `ip saddr ${other} tcp dport ${port} accept`)),
        file({ path: TLS.ca, text: "{{value ca}}", template: true }),
        file({ path: TLS.cert, text: "{{value cert}}", template: true }),
        secret(TLS.key, "key", "640", "root:redis"),
        secret(USERS, "users", "640", "root:redis"),
        file({
            path: "/etc/redis/redis.conf",
            text: redisConf(settings),
            mode: "640",
            owner: "redis:redis",
            template: true,
        }),
        daemon("redis-server", "restart", { openFiles: 65_536, more: STOPPING }),
        state("/var/lib/redis/appendonlydir"),
        secret(PASSWORD, "password"),
        file({ path: `${FOLDER}/store.json`, text: `${JSON.stringify(follows, null, 2)}\n` }),
        file({ path: `/etc/systemd/system/${unit}.service`, text: onHost(`sessions/${unit}.service`) }),
        daemon(unit, "restart", { sandbox: { writes: [], capabilities: [] } }),
        healthy("the store has all sessions of the others", `${PROGRAM} whole`),
        reports("sessions", `${PROGRAM} status`),
    ];
}

/** Whoever restarts it, an upgrade too: what pages have written here alone goes to another store first. */
const STOPPING = `[Service]
ExecStop=-+${PROGRAM} stop
TimeoutStopSec=60
`;

/** redis.conf for Debian 12's Redis 7.0. */
function redisConf({ host, memory, port }: StoreSettings): string {
    return `bind {{address ${host}}}
port 0
tls-port ${port}
tls-cert-file ${TLS.cert}
tls-key-file ${TLS.key}
tls-ca-cert-file ${TLS.ca}
tls-protocols TLSv1.3
# Clients have passwords.
tls-auth-clients no
protected-mode no
aclfile ${USERS}
# A host that has lost its power lets go of its locks after 5 s.
tcp-keepalive 2
# What does not fit is refused: nobody is logged out for somebody else.
maxmemory ${memory}mb
maxmemory-policy noeviction
# At most the last two seconds are lost with the power of all stores.
appendonly yes
appendfsync everysec
save ""
dir /var/lib/redis
daemonize no
supervised systemd
`;
}
