import * as pulumi from "@pulumi/pulumi";
import {
    Database,
    DatabaseBackups,
    FileSync,
    GaleraCluster,
    LoadBalancerPair,
    Memcached,
    ReplicatedMySQL,
    SessionStore,
    Site,
    WebApp,
    WebPool,
    WordPress,
} from "../../src/index.ts";
import { certificate, certificateKey } from "./certificate.ts";
import { endpoint, host, peer, placement, privateKey } from "./refusals.ts";

type Component = new (name: string, args: never) => unknown;

/** One component, with every argument that it can have at once; all texts differ from each other. */
export interface FullProgram {
    what: string;
    Component: Component;
    name: string;
    args: Record<string, unknown>;
}

const own = (name: string) =>
    host(name, {
        connection: {
            host: `${name}.example`,
            port: 2222,
            user: `${name}-admin`,
            privateKey,
            hostKey: `ssh-ed25519 AAAA ${name}`,
            dialErrorLimit: 3,
        },
        cloud: "digitalocean",
        id: `${name}-id`,
        region: `${name}-region`,
        baseline: true,
        workers: 6,
    });
/** One whose connection, the same for all components, is tried elsewhere. */
const known = (name: string) => host(name, { connection: pulumi.output(host(name).connection) });
const open = { ...placement, privateKey };
const servers = [known("member")];
const http = {
    port: 8080,
    backends: [peer("backend")],
    backendPort: 8081,
    balance: "source",
    healthPath: "/health",
    pinned: [{ path: "/pinned", to: peer("backend"), fallback: false }],
    weights: { backend: 2 },
    stickiness: { by: "cookie", cookie: "stays" },
    maxConnections: 20,
    queueTimeout: 5,
    sendProxyProtocol: true,
    routes: [
        {
            path: "/route",
            hostNames: ["route.example"],
            backends: [peer("routed")],
            stickiness: { by: "address", expire: 60 },
            pinned: [{ path: "/routed", to: peer("routed") }],
        },
    ],
    trustedProxies: ["198.51.100.0/24"],
    acceptProxyProtocol: true,
    timeout: 90,
    tls: { certificates: [{ certificate, privateKey: certificateKey }], redirect: true, hsts: 300 },
    limits: { requestsPerSecond: 10, connections: 11 },
    maintenancePage: "back soon",
    compress: true,
};
const tcp = {
    port: 2525,
    backends: [peer("mail")],
    backendPort: 25,
    balance: "leastconn",
    healthPath: "/mail",
    healthPort: 8025,
    timeout: 600,
    stickiness: { by: "address" },
    trustedProxies: ["198.51.101.0/24"],
    acceptProxyProtocol: true,
};
const byDns = {
    certificates: [{ names: ["shop.example", "*.shop.example"] }],
    email: "admin@shop.example",
    directoryUrl: "https://ca.example:9000/directory",
    challenge: "dns-01",
    dns: { provider: "vultr", token: "dns-word" },
    caCertificate: "-----BEGIN CERTIFICATE-----",
};
const settings = { max_connections: 90, slow_query_log: true };

export const fullPrograms: FullProgram[] = [
    {
        what: "Site",
        Component: Site,
        name: "site",
        args: {
            cloud: "digitalocean",
            region: "fra1",
            ipRange: "10.20.0.0/20",
            sshFrom: ["192.0.2.0/24", "::/0"],
        },
    },
    {
        what: "WebPool on hosts of its own",
        Component: WebPool,
        name: "web",
        args: {
            hosts: [own("served")],
            engine: "apache",
            apacheModules: ["status", "http2"],
            documentRoot: "/srv/site",
            files: { "index.html": "greetings" },
            php: true,
            user: "shopkeeper",
            writable: ["pictures/received", "letters"],
            phpExtensions: ["gd", "intl"],
            phpWorkers: 4,
            phpMemoryLimit: 96,
            phpSettings: { "date.timezone": "Europe/Berlin", max_input_vars: 5000, display_errors: true },
            maxUpload: 20,
            trustedProxies: ["192.0.2.0/24", "2001:db8::1"],
            staticMaxAge: 3600,
            port: 8080,
            healthPath: "/health",
        },
    },
    {
        what: "WebPool of releases",
        Component: WebPool,
        name: "web",
        args: {
            hosts: [known("released")],
            release: {
                archive: "test/recorded/release.tar.gz",
                sha256: "234cdbc3be12f978fdb26cc5e08be2bddc49f25bed3fb8dd35e7d6db7331f2d2",
                keep: 5,
                public: "pages",
            },
            php: true,
            pageCache: { seconds: 7, unlessCookies: ["member_"] },
        },
    },
    {
        what: "WebPool of groups",
        Component: WebPool,
        name: "web",
        args: {
            hosts: [known("early"), known("late")],
            php: true,
            groups: [
                {
                    name: "canaries",
                    hosts: ["late", "early"],
                    release: {
                        archive: "test/recorded/release.tar.gz",
                        sha256: "234cdbc3be12f978fdb26cc5e08be2bddc49f25bed3fb8dd35e7d6db7331f2d2",
                        keep: 4,
                        public: "pages",
                    },
                    files: { "pages/group.txt": "of canaries" },
                    phpWorkers: 5,
                    phpMemoryLimit: 100,
                    phpSettings: { precision: 12 },
                    maxUpload: 21,
                    staticMaxAge: 3601,
                },
            ],
            gate: { errors: 2.5, latency: 700, seconds: 45, requests: 33 },
        },
    },
    {
        what: "WebPool",
        Component: WebPool,
        name: "web",
        args: { placement: open, hostCount: 1, size: "s-1vcpu-2gb" },
    },
    {
        what: "LoadBalancerPair with a reserved IP",
        Component: LoadBalancerPair,
        name: "lb",
        args: {
            hosts: [own("one"), own("other")],
            http: [http],
            tcp: [tcp, { port: 3306, backends: [peer("member")], database: endpoint("member"), reads: true }],
            metricsPort: 9101,
            statusPage: true,
            failoverToken: "token",
            virtualRouterId: 7,
            failBack: true,
            failBackDelay: 10,
        },
    },
    {
        what: "LoadBalancerPair with nginx",
        Component: LoadBalancerPair,
        name: "lb",
        args: {
            hosts: [known("one"), known("other")],
            engine: "nginx",
            virtualAddress: "10.0.0.250/24",
            http: [{ backends: [peer("backend")] }],
            tcp: [{ port: 2525, backends: [peer("mail")], sendProxyProtocol: true }],
        },
    },
    {
        what: "LoadBalancerPair on Pacemaker",
        Component: LoadBalancerPair,
        name: "lb",
        args: {
            hosts: [known("one"), known("other")],
            http: [{ backends: [peer("backend")] }],
            virtualAddress: "10.0.0.250/24",
            failover: "pacemaker",
            failBack: true,
            failBackDelay: 10,
        },
    },
    {
        what: "LoadBalancerPair of one host",
        Component: LoadBalancerPair,
        name: "lb",
        args: {
            placement: open,
            hostCount: 1,
            singlePointOfFailure: true,
            http: [{ backends: http.backends }],
            failoverToken: "token",
        },
    },
    {
        what: "LoadBalancerPair with certificates by ACME",
        Component: LoadBalancerPair,
        name: "lb",
        args: {
            hosts: [known("one"), known("other")],
            virtualAddress: "10.0.0.250/24",
            http: [{ port: 443, backends: [peer("backend")], tls: { acme: byDns } }],
        },
    },
    {
        what: "LoadBalancerPair with weights by load",
        Component: LoadBalancerPair,
        name: "lb",
        args: {
            hosts: [known("one"), known("other")],
            http: [{ backends: [own("asked")], weightByLoad: true }],
            virtualAddress: "10.0.0.250/24",
        },
    },
    {
        what: "LoadBalancerPair with several addresses",
        Component: LoadBalancerPair,
        name: "lb",
        args: {
            hosts: [known("one"), known("other")],
            http: [{ backends: [peer("backend")] }],
            virtualAddresses: ["10.0.0.250/24", "10.0.0.251/24"],
            failBackDelay: 10,
        },
    },
    {
        what: "LoadBalancerPair with an address of its own",
        Component: LoadBalancerPair,
        name: "lb",
        args: {
            hosts: [known("one"), known("other")],
            http: [{ backends: [peer("backend")] }],
            virtualAddress: "10.0.0.250/24",
        },
    },
    {
        what: "GaleraCluster",
        Component: GaleraCluster,
        name: "db",
        args: {
            hosts: [known("member"), known("second")],
            arbitrator: known("voter"),
            suspectTimeout: 2,
            settings: { ...settings, sql_mode: "STRICT_ALL_TABLES" },
            version: "10.11.19",
            recoverWithMajority: true,
            deletionProtection: false,
            maxReceiveQueue: 100,
        },
    },
    {
        what: "GaleraCluster of one member",
        Component: GaleraCluster,
        name: "db",
        args: { hosts: [known("member")], singlePointOfFailure: true },
    },
    {
        what: "ReplicatedMySQL",
        Component: ReplicatedMySQL,
        name: "db",
        args: {
            hosts: [known("member"), known("second"), known("third")],
            suspectTimeout: 3,
            maxLag: 6,
            slowQuerySeconds: 0.5,
            settings,
            deletionProtection: false,
        },
    },
    {
        what: "Database",
        Component: Database,
        name: "shop",
        args: {
            servers,
            endpoint: endpoint("member"),
            clients: [known("client")],
            reads: [{ client: peer("client"), from: [peer("member")] }],
            names: true,
            schema: "orders",
            user: "clerk",
            group: "www-data",
            port: 3310,
            readPort: 3311,
        },
    },
    {
        what: "DatabaseBackups to a folder",
        Component: DatabaseBackups,
        name: "nightly",
        args: {
            servers,
            endpoint: endpoint("member"),
            to: { host: known("storage"), folder: "/srv/kept" },
            schedule: "Sat 02:30",
            keep: 5,
            compress: false,
            deletionProtection: false,
        },
    },
    {
        what: "DatabaseBackups to a bucket",
        Component: DatabaseBackups,
        name: "nightly",
        args: {
            servers,
            endpoint: endpoint("member"),
            to: {
                bucket: "shop-backups",
                endpoint: "https://objects.example",
                region: "here",
                accessKey: "access",
                secretKey: "hush",
                prefix: "some/where",
            },
        },
    },
    {
        what: "Memcached",
        Component: Memcached,
        name: "cache",
        args: { hosts: [known("cached")], clients: [known("asker")], memory: 32, port: 11212 },
    },
    {
        what: "SessionStore",
        Component: SessionStore,
        name: "sessions",
        args: {
            hosts: [known("kept"), known("also-kept")],
            pools: [{ hosts: [known("served")], phpPool: "evenkeel-shop", user: "site-shop" }],
            memory: 32,
            port: 6381,
        },
    },
    {
        what: "WebApp",
        Component: WebApp,
        name: "notes",
        args: {
            pool: {
                hosts: [known("served")],
                phpPool: "evenkeel-shop",
                user: "site-shop",
                root: "/var/www/shop/current",
                port: 8083,
                version: pulumi.output("v1"),
            },
            environment: { APP_ENV: "production" },
            secrets: { SIGNING_KEY: "signing-word" },
            database: {
                host: "127.0.0.1",
                port: 3306,
                readPort: 3307,
                schema: "orders",
                user: "clerk",
                password: pulumi.secret("clerk-word"),
                clients: ["served"],
                caFile: "/etc/evenkeel/endpoints/shop.pem",
                optionFile: "/etc/evenkeel/databases/shop.cnf",
            },
            healthPath: "/well.php",
            setup: ["php", "migrate.php"],
            jobs: [{ name: "digest", schedule: "Sun 03:30", command: ["php", "digest.php"], timeout: 70 }],
            mail: {
                host: "smtp.example",
                port: 465,
                user: "sender",
                password: "mail-word",
                from: "shop@example.com",
                tls: true,
            },
        },
    },
    {
        what: "WordPress",
        Component: WordPress,
        name: "diary",
        args: {
            hosts: [known("written"), known("read")],
            release: {
                archive: "test/recorded/release.tar.gz",
                sha256: "234cdbc3be12f978fdb26cc5e08be2bddc49f25bed3fb8dd35e7d6db7331f2d2",
                public: "pages",
            },
            url: "https://diary.example",
            title: "A diary",
            admin: { user: "writer", email: "writer@example.com" },
            database: { servers, endpoint: endpoint("member"), port: 3326, readPort: 3327 },
            editors: "pinned",
            objectCache: { memory: 33 },
            phpWorkers: 3,
            mail: { host: "smtp.example", from: "diary@example.com" },
        },
    },
    {
        what: "FileSync from one host",
        Component: FileSync,
        name: "pages",
        args: {
            mode: "oneWay",
            path: "/srv/pages",
            source: known("first"),
            targets: [own("second")],
            exclude: ["*.part", "/cache"],
            delay: 5,
            maxDelete: 17,
            readOnly: true,
            group: "editors",
        },
    },
    {
        what: "FileSync at an interval",
        Component: FileSync,
        name: "pages",
        args: {
            mode: "periodic",
            path: "/srv/pages",
            source: known("first"),
            targets: [known("second")],
            every: "2min",
        },
    },
    {
        what: "FileSync of all hosts",
        Component: FileSync,
        name: "uploads",
        args: {
            mode: "twoWay",
            path: "/srv/uploads",
            hosts: [known("first"), known("second")],
            exclude: ["*.part"],
            every: "30s",
            conflicts: { prefer: peer("first") },
            centre: peer("second"),
        },
    },
    {
        what: "FileSync of one tree",
        Component: FileSync,
        name: "media",
        args: {
            mode: "shared",
            path: "/srv/media",
            hosts: [known("first"), known("second")],
            arbiter: known("third"),
            group: "editors",
        },
    },
];

export type Path = (string | number)[];

/** All places in a program's arguments, from the outermost on. */
export function pathsOf(value: unknown): Path[] {
    if (typeof value !== "object" || value === null || pulumi.Output.isInstance(value)) return [];
    return Object.entries(value).flatMap(([key, each]) => {
        const step = Array.isArray(value) ? Number(key) : key;
        return [[step], ...pathsOf(each).map((path) => [step, ...path])];
    });
}

export function at(value: unknown, path: Path): unknown {
    return path.reduce((inner, step) => (inner as Record<string | number, unknown>)[step], value);
}

/** The same with another value in one place. */
export function withValue(value: unknown, [step, ...path]: Path, other: unknown): unknown {
    if (step === undefined) return other;
    const changed = withValue((value as Record<string | number, unknown>)[step], path, other);
    if (Array.isArray(value)) return value.map((each, i) => (i === step ? changed : each));
    return { ...(value as object), [step]: changed };
}

/** The same with another key in one place. */
export function withKey(value: unknown, path: Path, key: string): unknown {
    const parent = at(value, path.slice(0, -1)) as Record<string, unknown>;
    const entries = Object.entries(parent).map(([each, inner]) => [each === path.at(-1) ? key : each, inner]);
    return withValue(value, path.slice(0, -1), Object.fromEntries(entries));
}
