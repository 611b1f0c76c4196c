import * as pulumi from "@pulumi/pulumi";
import { type CloudName, type Host, LoadBalancerPair } from "../../../src/index.ts";
import {
    endpoint,
    host,
    hosts,
    peer,
    placement,
    refuses,
    refusesWrong,
    type Wrong,
} from "../../support/refusals.ts";

const failoverToken = "dop_v1_x";
const http = [{ backends: hosts("web-0", "web-1") }];
const pair = { placement, failoverToken, http };
const onVultr = { ...placement, cloud: "vultr", region: "fra" } as const;
const announced = { placement: onVultr, bgp: { asn: 64_999 }, http };
const own = { hosts: hosts("a", "b"), http };

refuses([
    [
        "everything wrong with a pair at once",
        () =>
            new LoadBalancerPair("lb", {
                placement,
                hostCount: 1,
                http: [
                    { port: 0, backends: [], pinned: [{ path: "wp-admin", to: host("a") }] },
                    { port: 22, backends: [host("b")], balance: "fastest" as never },
                ],
            }),
        [
            "http[0].port: 0 is not a port: give a whole number from 1 to 65535",
            "http[0].backends: the list is empty: give a component's `hosts`, or a list of hosts",
            'http[0].pinned[0].path: "wp-admin" is not a path of requests: start it with /, and use letters, digits and . _ - ~ @ + between slashes',
            "http[1].port: 22 is the port of SSH: take another one",
            'http[1].balance: "fastest" is not a way to balance: use one of "roundrobin", "leastconn", "source", "random", "first"',
            "hostCount: one balancer alone is a single point of failure: use two, or say so with `singlePointOfFailure: true`",
            "failoverToken: give the token with which the balancers move the reserved IP (or a `virtualAddress` of your own network)",
        ],
    ],
    [
        "an address that is announced, and what others do with one",
        () =>
            new LoadBalancerPair("lb", {
                ...announced,
                failover: "pacemaker",
                virtualAddress: "10.0.0.100/24",
            }),
        [
            "virtualAddress: `bgp` announces the cloud's reserved IP: leave one of the two out",
            "failover: `bgp` goes with keepalived: leave one of the two out",
        ],
    ],
    [
        "an address that is announced to a cloud which listens to nobody",
        () => new LoadBalancerPair("lb", { ...announced, placement }),
        [
            'bgp: "digitalocean" has no router that hosts could announce an address to: leave it out, and give the `failoverToken`',
        ],
    ],
    [
        "listeners of one port, and a pin to who is no backend",
        () =>
            new LoadBalancerPair("lb", {
                ...pair,
                http: [{ backends: hosts("a"), pinned: [{ path: "/x", to: host("b") }] }],
            }),
        ["http[0].pinned[0].to: must be one of the listener's backends"],
    ],
    [
        "two listeners of one port",
        () => new LoadBalancerPair("lb", { ...pair, http: [{ port: 80, backends: hosts("a") }, ...http] }),
        ["http: listeners must differ in port: 80, 80"],
    ],
    [
        "pins that no request comes to",
        () => {
            const [to] = hosts("a");
            const pinned = ["/wp", "/wp/admin", "/wp", "/wp-admin", "/w"].map((path) => ({ path, to: to! }));
            return new LoadBalancerPair("lb", { ...pair, http: [{ backends: [to!], pinned }] });
        },
        [1, 2].map(
            (i) => `http[0].pinned[${i}].path: pinned[0] answers it already: put the longer path first`,
        ),
    ],
    [
        "a reserved IP for hosts of two clouds",
        () => {
            const ofACloud = (name: string, cloud: CloudName) => host(name, { cloud, id: "1", region: "r" });
            const mixed = [ofACloud("a", "vultr"), ofACloud("b", "digitalocean")];
            return new LoadBalancerPair("lb", { hosts: mixed, http, failoverToken });
        },
        [
            'hosts[1].cloud: "b" is of "digitalocean", and "a" of "vultr": a reserved IP moves within one cloud, so make a pair in each',
        ],
    ],
    [
        "a reserved IP for hosts of no cloud",
        () => new LoadBalancerPair("lb", { ...own, failoverToken }),
        [
            "hosts: a reserved IP needs each host's `cloud`, `id` and `region`; without them give a `virtualAddress`",
        ],
    ],
    [
        "an address that is none",
        () => new LoadBalancerPair("lb", { ...own, virtualAddress: "999.1.1.1/24" }),
        ['virtualAddress: "999.1.1.1/24" is no host\'s address with its prefix: write it as 10.0.0.100/24'],
    ],
    [
        "one balancer of one's own",
        () => new LoadBalancerPair("lb", { hosts: hosts("a"), http, virtualAddress: "10.0.0.250/24" }),
        [
            "hosts: one balancer alone is a single point of failure: use two, or say so with `singlePointOfFailure: true`",
        ],
    ],
    [
        "two that are told to be one",
        () => new LoadBalancerPair("lb", { ...pair, singlePointOfFailure: true }),
        ["singlePointOfFailure: is for one balancer alone, and there are 2: leave it out"],
    ],
    [
        "to wait for what does not come",
        () => new LoadBalancerPair("lb", { ...pair, failBackDelay: 10 }),
        ["failBackDelay: no host takes the address back: it goes with `failBack: true`"],
    ],
    [
        "an address without a network, for Pacemaker",
        () => new LoadBalancerPair("lb", { ...own, virtualAddress: "10.0.0.250/32", failover: "pacemaker" }),
        [
            'virtualAddress: "10.0.0.250/32" has no network: Pacemaker puts it where its network is, so write that one\'s prefix, such as /24',
        ],
    ],
    [
        "an engine that there is none of",
        () => new LoadBalancerPair("lb", { ...pair, failover: "heartbeat" as never }),
        ['failover: "heartbeat" is not an engine of failover: use one of "keepalived", "pacemaker"'],
    ],
    [
        "several addresses, for Pacemaker",
        () =>
            new LoadBalancerPair("lb", {
                ...own,
                virtualAddresses: ["10.0.0.250/24", "10.0.0.251/24"],
                failover: "pacemaker",
            }),
        [
            "virtualAddresses: Pacemaker has one address of a pair: give one, or leave `failover` to keepalived",
        ],
    ],
    [
        "weights by load of hosts that SSH does not reach, too far apart, and of no use",
        () =>
            new LoadBalancerPair("lb", {
                ...pair,
                http: [
                    { backends: [peer("a") as Host], weightByLoad: true },
                    { port: 81, backends: hosts("a", "b"), weights: { a: 26 }, weightByLoad: true },
                    { port: 82, backends: hosts("a", "b"), balance: "first", weightByLoad: true },
                ],
            }),
        [
            "http[0].backends[0].connection: is missing: give how SSH reaches it: `{ host, privateKey, hostKey }`",
            "http[1].weights: differ too much to be divided further by load: let the largest be 25 times the smallest at most",
            'http[2].weightByLoad: "first" fills one backend after the other, whatever they weigh: take another `balance`',
        ],
    ],
    [
        "several addresses, one twice, one that a balancer has, and not to go back to their hosts",
        () =>
            new LoadBalancerPair("lb", {
                ...own,
                virtualAddress: "10.0.0.250/24",
                virtualAddresses: ["10.0.0.251/24", `${host("b").privateAddress}/24`],
                failBack: false,
            }),
        [
            "failBack: each of several addresses has a host of its own, and goes back there: leave it out",
            "virtualAddress: stands among the `virtualAddresses`: leave it out here",
            'virtualAddresses[1]: is the address of "b": take one that no host has',
        ],
    ],
    [
        "an address twice",
        () => new LoadBalancerPair("lb", { ...own, virtualAddresses: ["10.0.0.9/24", "10.0.0.9/16"] }),
        ["virtualAddresses[1]: is virtualAddresses[0] once more: take another address"],
    ],
    [
        "several reserved IPs",
        () => new LoadBalancerPair("lb", { ...pair, addresses: 2 } as never),
        [
            "addresses: a cloud gives a host one reserved IP, so that none can have two when others fail: make a pair of hosts for each address, or give the `virtualAddresses` of a network of your own",
        ],
    ],
    [
        "an address that a balancer has",
        () => new LoadBalancerPair("lb", { ...own, virtualAddress: `${host("b").privateAddress}/24` }),
        ['virtualAddress: is the address of "b": take one that no host has'],
    ],
]);

const byNginx = (change: object) => () =>
    new LoadBalancerPair("lb", {
        placement,
        failoverToken,
        engine: "nginx",
        http: [{ ...http[0]!, ...change }],
    });

refuses([
    [
        "what nginx has nothing for",
        byNginx({
            balance: "source",
            stickiness: { by: "cookie" },
            maxConnections: 8,
            queueTimeout: 5,
            weightByLoad: true,
            sendProxyProtocol: true,
            routes: [{ path: "/a", backends: hosts("a"), stickiness: { by: "address" } }],
            tls: { acme: { certificates: [{ names: ["www.example.com"] }], email: "a@example.com" } },
        }),
        [
            'http[0].maxConnections: nginx of Debian lets nobody wait, who finds no place would be turned away: leave it out, or use `engine: "haproxy"`',
            'http[0].queueTimeout: nginx of Debian lets nobody wait for a place: leave it out, or use `engine: "haproxy"`',
            'http[0].weightByLoad: nginx would have to begin anew for each weight: use `balance: "leastconn"`, or `engine: "haproxy"`',
            'http[0].stickiness: nginx of Debian has no cookies of its own: use `balance: "source"`, which goes by visitors\' addresses, or `engine: "haproxy"`',
            'http[0].sendProxyProtocol: nginx sends it in `tcp` listeners alone: leave it out, backends have X-Forwarded-For, or use `engine: "haproxy"`',
            'http[0].routes[0].stickiness: nginx remembers no addresses: use `balance: "source"`, which leads each to the same backend on both balancers, or `engine: "haproxy"`',
            'http[0].tls.acme: nginx takes no certificate while it runs: give `certificates`, or use `engine: "haproxy"`',
        ],
    ],
    [
        "figures that nginx has not",
        () =>
            new LoadBalancerPair("lb", {
                ...pair,
                engine: "nginx",
                metricsPort: 9101,
                statusPage: true,
                tcp: [{ port: 25, backends: hosts("mail"), balance: "first" }],
            }),
        [
            'metricsPort: nginx has no figures for Prometheus: use `engine: "haproxy"`, or leave it out',
            'statusPage: nginx has none: use `engine: "haproxy"`, or leave it out',
            'tcp[0].balance: nginx has no "first": use another one, or `engine: "haproxy"`',
        ],
    ],
    [
        "an engine that is none",
        () => new LoadBalancerPair("lb", { ...pair, engine: "apache" as never }),
        ['engine: "apache" is not an engine: use one of "haproxy", "nginx"'],
    ],
]);

const mail = (change: object) => ({
    placement,
    failoverToken,
    tcp: [{ port: 25, backends: hosts("mail"), ...change }],
});
const listener = (change: object) => ({ ...pair, http: [{ ...http[0], ...change }] });
const wrong: Wrong[] = [
    ["nothing at all", {}, ["http", "placement", "failoverToken"]],
    ["no listener", { ...pair, http: [] }, ["http"]],
    ["one listener in no list", { ...pair, http: http[0] }, ["http"]],
    [
        "listeners that are none",
        { ...pair, http: [null, "web", 80, []] },
        ["http[0]", "http[1]", "http[2]", "http[3]"],
    ],
    ["no backends", { ...pair, http: [{}] }, ["http[0].backends"]],
    ["a pool in place of its hosts", listener({ backends: { hosts: [] } }), ["http[0].backends"]],
    [
        "a backend without an address",
        listener({ backends: [{ name: "a" }] }),
        ["http[0].backends[0].privateAddress"],
    ],
    ["backends of one name", listener({ backends: hosts("a", "a") }), ["http[0].backends[1].name"]],
    ["path rules of another spelling", listener({ pins: [] }), ["http[0].pins"]],
    ["no listener at all, in two lists", { ...pair, http: [], tcp: [] }, ["http"]],
    ["a listener of TCP without a port", { ...pair, tcp: [{ backends: hosts("a") }] }, ["tcp[0].port"]],
    [
        "paths, pins and cookies of HTTP on TCP",
        mail({ pinned: [], routes: [], tls: {}, timeout: 0, stickiness: { by: "cookie" } }),
        ["tcp[0].pinned", "tcp[0].routes", "tcp[0].tls", "tcp[0].timeout", "tcp[0].stickiness"],
    ],
    ["reads of no database", mail({ reads: true }), ["tcp[0].reads"]],
    ["a database that is none", mail({ database: "db" }), ["tcp[0].database"]],
    [
        "another cluster's members",
        mail({ database: endpoint("a", "b") }),
        ["tcp[0].backends", "tcp[0].backends"],
    ],
    [
        "what a database's members say themselves",
        mail({
            database: endpoint("mail"),
            backendPort: 3306,
            healthPath: "/write",
            healthPort: 9200,
            balance: "leastconn",
            weights: { mail: 2 },
            sendProxyProtocol: true,
        }),
        ["backendPort", "balance", "healthPath", "healthPort", "sendProxyProtocol", "weights"].map(
            (key) => `tcp[0].${key}`,
        ),
    ],
    [
        "a database with nginx",
        { ...mail({ database: endpoint("mail") }), engine: "nginx" },
        ["tcp[0].database"],
    ],
    [
        "a proxy of TCP that cannot say anything",
        mail({ trustedProxies: ["192.0.2.1"] }),
        ["tcp[0].trustedProxies"],
    ],
    ["PROXY protocol from anybody", listener({ acceptProxyProtocol: true }), ["http[0].acceptProxyProtocol"]],
    ["a weight of nobody", listener({ weights: { "web-9": 1 } }), ["http[0].weights"]],
    ["a weight beyond HAProxy's", listener({ weights: { "web-0": 257 } }), ["http[0].weights.web-0"]],
    ["weights that leave nobody", listener({ weights: { "web-0": 0, "web-1": 0 } }), ["http[0].weights"]],
    ["stickiness by magic", listener({ stickiness: { by: "magic" } }), ["http[0].stickiness.by"]],
    [
        "a cookie of an address",
        listener({ stickiness: { by: "address", cookie: "S" } }),
        ["http[0].stickiness.cookie"],
    ],
    [
        "a cookie that ends",
        listener({ stickiness: { by: "cookie", expire: 9 } }),
        ["http[0].stickiness.expire"],
    ],
    [
        "a cookie with a line in it",
        listener({ stickiness: { by: "cookie", cookie: "a\nb" } }),
        ["http[0].stickiness.cookie"],
    ],
    ["no connections", listener({ maxConnections: 0 }), ["http[0].maxConnections"]],
    ["waiting for hours", listener({ queueTimeout: 7200 }), ["http[0].queueTimeout"]],
    ["limits of nothing", listener({ limits: {} }), ["http[0].limits"]],
    [
        "half a request",
        listener({ limits: { requestsPerSecond: 0.5 } }),
        ["http[0].limits.requestsPerSecond"],
    ],
    [
        "a page that HAProxy has no room for",
        listener({ maintenancePage: "x".repeat(12_001) }),
        ["http[0].maintenancePage"],
    ],
    ["a route to nowhere", listener({ routes: [{ path: "/a" }] }), ["http[0].routes[0].backends"]],
    ["a route of everything", listener({ routes: [{ backends: hosts("a") }] }), ["http[0].routes[0].path"]],
    [
        "a route that no request comes to",
        listener({
            routes: [
                { path: "/a", backends: hosts("a") },
                { path: "/a/b", hostNames: ["x.example"], backends: hosts("b") },
            ],
        }),
        ["http[0].routes[1]"],
    ],
    [
        "names that are none",
        listener({ routes: [{ hostNames: ["Shop.example", "a b", "*"], backends: hosts("a") }] }),
        [0, 1, 2].map((i) => `http[0].routes[0].hostNames[${i}]`),
    ],
    [
        "a route's pin to another pool",
        listener({
            routes: [{ path: "/a", backends: hosts("a"), pinned: [{ path: "/a/b", to: host("b") }] }],
        }),
        ["http[0].routes[0].pinned[0].to"],
    ],
    ["no certificates", listener({ tls: { certificates: [] } }), ["http[0].tls.certificates"]],
    [
        "what is no certificate, and no key",
        listener({ tls: { certificates: [{ certificate: "x", privateKey: "y" }], hsts: -1 } }),
        [
            "http[0].tls.certificates[0].certificate",
            "http[0].tls.certificates[0].privateKey",
            "http[0].tls.hsts",
        ],
    ],
    [
        "a key with a passphrase",
        listener({
            tls: {
                certificates: [
                    {
                        certificate: "-----BEGIN CERTIFICATE-----",
                        privateKey: "-----BEGIN ENCRYPTED PRIVATE KEY-----",
                    },
                ],
            },
        }),
        ["http[0].tls.certificates[0].privateKey"],
    ],
    ["a port of TCP that HTTP has", { ...pair, tcp: [{ port: 80, backends: hosts("a") }] }, ["http"]],
    ["a status page nowhere", { ...pair, statusPage: true }, ["statusPage"]],
    ["a port that is a text", listener({ port: "80" }), ["http[0].port"]],
    ["a port that is half a number", listener({ port: 80.5 }), ["http[0].port"]],
    ["backends at SSH", listener({ backendPort: 22 }), ["http[0].backendPort"]],
    ["no way to balance", listener({ balance: null }), ["http[0].balance"]],
    ["a health path of two lines", listener({ healthPath: "/\nbackend x" }), ["http[0].healthPath"]],
    ["a pin that is a text", listener({ pinned: ["/wp-admin"] }), ["http[0].pinned[0]"]],
    [
        "a pin of another spelling",
        listener({ pinned: [{ path: "/a", target: host("a") }] }),
        ["http[0].pinned[0].target", "http[0].pinned[0].to"],
    ],
    [
        "a pin with a rule in it",
        listener({ pinned: [{ path: "/a }\n use_backend x", to: http[0]!.backends[0] }] }),
        ["http[0].pinned[0].path"],
    ],
    [
        "a fallback by a text",
        listener({ pinned: [{ path: "/a", to: http[0]!.backends[0], fallback: "no" }] }),
        ["http[0].pinned[0].fallback"],
    ],
    ["an address without a prefix", { ...own, virtualAddress: "10.0.0.100" }, ["virtualAddress"]],
    ["an address of the loopback", { ...own, virtualAddress: "127.0.0.1/8" }, ["virtualAddress"]],
    [
        "the address of a cloud's metadata",
        { ...own, virtualAddress: "169.254.169.254/16" },
        ["virtualAddress"],
    ],
    ["a network's own address", { ...own, virtualAddress: "10.0.0.0/24" }, ["virtualAddress"]],
    ["a network's broadcast", { ...own, virtualAddress: "10.0.0.255/24" }, ["virtualAddress"]],
    ["an address that is a number", { ...own, virtualAddress: 10 }, ["virtualAddress"]],
    ["no addresses", { ...own, virtualAddresses: [] }, ["virtualAddresses"]],
    ["an address in no list", { ...own, virtualAddresses: "10.0.0.9/24" }, ["virtualAddresses"]],
    [
        "addresses that are none",
        { ...own, virtualAddresses: ["10.0.0.9", "10.0.0.9/24", 7] },
        ["virtualAddresses[0]", "virtualAddresses[2]"],
    ],
    [
        "more addresses than anybody needs",
        { ...own, virtualAddresses: Array.from({ length: 13 }, (_, i) => `10.0.9.${i + 1}/24`) },
        ["virtualAddresses"],
    ],
    ["half a router", { ...pair, virtualRouterId: 51.5 }, ["virtualRouterId"]],
    ["NaN routers", { ...pair, virtualRouterId: Number.NaN }, ["virtualRouterId"]],
    ["a router beyond VRRP", { ...pair, virtualRouterId: 256 }, ["virtualRouterId"]],
    ["more balancers than VRRP has priorities for", { ...pair, hostCount: 13 }, ["hostCount"]],
    ["an AS that is none", { ...announced, bgp: { asn: 0 } }, ["bgp.asn"]],
    ["an AS by a text", { ...announced, bgp: { asn: "64999" } }, ["bgp.asn"]],
    ["an AS alone", { ...announced, bgp: 64_999 }, ["bgp"]],
    [
        "a password that ends its line",
        { ...announced, bgp: { asn: 64_999, password: 'a"; include "/etc/shadow' } },
        ["bgp.password"],
    ],
    ["an empty password", { ...announced, bgp: { asn: 64_999, password: "" } }, ["bgp.password"]],
    [
        "a neighbour of one's own",
        { ...announced, bgp: { asn: 64_999, neighbor: "10.0.0.1" } },
        ["bgp.neighbor"],
    ],
    ["an empty token", { ...pair, failoverToken: "" }, ["failoverToken"]],
    ["a token of two lines", { ...pair, failoverToken: "a\nX-Other: b" }, ["failoverToken"]],
    ["one balancer by a text", { ...pair, singlePointOfFailure: "yes" }, ["singlePointOfFailure"]],
    ["to take back by a number", { ...pair, failBack: 1 }, ["failBack"]],
    ["the former word for it", { ...pair, preempt: true }, ["preempt"]],
    ["to wait longer than VRRP does", { ...pair, failBack: true, failBackDelay: 1001 }, ["failBackDelay"]],
    ["half a second", { ...pair, failBack: true, failBackDelay: 0.5 }, ["failBackDelay"]],
    ["a weight by a load of two", listener({ weightByLoad: 2 }), ["http[0].weightByLoad"]],
    ["listeners that are an output", { ...pair, http: pulumi.output(http) }, ["http"]],
    ["a name for a path", pair, ["name"], "../lb"],
];
refusesWrong(LoadBalancerPair, "lb", wrong);
