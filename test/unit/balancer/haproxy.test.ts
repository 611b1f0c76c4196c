import { describe, expect, test } from "vitest";
import { type HaproxySettings, haproxyPair } from "../../../src/balancer/haproxy/config.ts";
import type { HttpListener, TcpListener } from "../../../src/balancer/listeners.ts";
import { endpoint, host, hosts } from "../../support/refusals.ts";

const pair: HaproxySettings = {
    pair: "lb",
    host: "lb-0",
    hosts: ["lb-1", "lb-0"],
    addresses: ["{{anchor}}"],
    nonLocal: false,
    http: [],
    tcp: [],
    readyAddress: "127.0.51.1:8404",
    peersPort: 10_051,
    statusPage: false,
};
const [web0, web1] = hosts("web-0", "web-1") as [ReturnType<typeof host>, ReturnType<typeof host>];
const backends = [web0, web1];
const secret = { certificate: "", privateKey: "" };

const http = (listener: Partial<HttpListener>, change: Partial<HaproxySettings> = {}) =>
    haproxyPair({ ...pair, http: [{ backends, ...listener }], ...change });
const tcp = (listener: Partial<TcpListener>) =>
    haproxyPair({ ...pair, tcp: [{ port: 25, backends, ...listener }] });

/** The section that begins so. */
const section = (text: string, start: string) =>
    text.split("\n\n").find((each) => each.startsWith(`${start} `));
const lines = (text: string, part: RegExp) =>
    text
        .split("\n")
        .filter((line) => part.test(line))
        .map((line) => line.trim());

test("a listener with pinned paths: the others stand by, or are left out", () => {
    const text = http({
        backendPort: 8080,
        pinned: [
            { path: "/wp-admin", to: web1 },
            { path: "/export", to: web0, fallback: false },
        ],
    });
    expect(text).toMatchInlineSnapshot(`
      "frontend lb-monitor from http
          bind unix@/run/haproxy/lb.sock mode 600
          bind 127.0.51.1:8404
          http-request return status 200 if { path /ready } { nbsrv(lb-http-80-regardless) gt 0 }
          http-request return status 503

      frontend lb-http-80 from http
          bind {{anchor}}:80
          timeout client 60s
          http-request del-header X-Forwarded- -m beg
          http-request del-header Forwarded
          http-request del-header X-Real-IP
          http-request add-header X-Forwarded-For %[src]
          http-request add-header X-Forwarded-Proto http
          http-error status 503 content-type "text/html; charset=utf-8" string "<h1>Please try again soon</h1>" hdr Retry-After 10
          http-request set-var(txn.path) path
          http-request set-var(txn.path) 'path,url_dec,regsub("/([.]?/)+",/,g)' if { path -m sub % // /. }
          http-request deny deny_status 400 if { var(txn.path) -m sub /. } { var(txn.path) -m reg /[.][.]?(/|$) }
          acl pinned-0 var(txn.path) -m beg /wp-admin/
          acl pinned-0 var(txn.path) -m str /wp-admin
          acl pinned-1 var(txn.path) -m beg /export/
          acl pinned-1 var(txn.path) -m str /export
          use_backend lb-http-80-pinned-0 if pinned-0
          use_backend lb-http-80-pinned-1 if pinned-1
          use_backend lb-http-80-regardless if !{ nbsrv(lb-http-80) gt 0 }
          default_backend lb-http-80

      backend lb-http-80 from http
          balance roundrobin
          timeout server 60s
          timeout queue 10s
          option httpchk GET /healthz
          http-check expect status 200
          http-request disable-l7-retry if !METH_GET
          http-response set-header X-Served-By %s
          # Five errors in a row, and a host is asked no more until its next checks are well.
          default-server observe layer7 error-limit 5 on-error mark-down
          server web-0 web-0:8080
          server web-1 web-1:8080

      backend lb-http-80-regardless from http
          balance roundrobin
          timeout server 60s
          timeout queue 10s
          option httpchk GET /healthz
          http-check expect status 200
          http-request disable-l7-retry if !METH_GET
          http-response set-header X-Served-By %s
          # In its place when that leaves no host: then the errors are the application's.
          server web-0 web-0:8080
          server web-1 web-1:8080

      backend lb-http-80-pinned-0 from http
          balance roundrobin
          timeout server 60s
          timeout queue 10s
          option httpchk GET /healthz
          http-check expect status 200
          http-request disable-l7-retry if !METH_GET
          http-response set-header X-Served-By %s
          server web-0 web-0:8080 backup
          server web-1 web-1:8080

      backend lb-http-80-pinned-1 from http
          balance roundrobin
          timeout server 60s
          timeout queue 10s
          option httpchk GET /healthz
          http-check expect status 200
          http-request disable-l7-retry if !METH_GET
          http-response set-header X-Served-By %s
          server web-0 web-0:8080
      "
    `);
});

describe("more hosts", () => {
    test("add one line to each backend, and change none", () => {
        const before = http({ backendPort: 8080 }).split("\n");
        const after = http({ backendPort: 8080, backends: [...backends, host("web-2")] }).split("\n");
        expect(after.filter((line) => !before.includes(line))).toEqual(
            Array(2).fill("    server web-2 web-2:8080"),
        );
        expect(after).toHaveLength(before.length + 2);
    });

    test("one alone is never left out", () => {
        expect(lines(http({ backends: [web0] }), /regardless|observe/)).toEqual([]);
    });
});

test("an address that VRRP carries is listened on before the host has it", () => {
    const text = http({}, { addresses: ["10.0.0.9", "10.0.0.10"], nonLocal: true });
    expect(lines(text, /bind 10/)).toEqual(["bind 10.0.0.9:80 transparent", "bind 10.0.0.10:80 transparent"]);
});

test("a proxy before the balancers is believed, and nobody else", () => {
    expect(
        lines(http({ trustedProxies: ["192.0.2.0/24", "2001:db8::1"] }), /is_proxy/),
    ).toMatchInlineSnapshot(`
      [
        "acl is_proxy src 192.0.2.0/24 2001:db8::1",
        "http-request del-header X-Forwarded- -m beg unless is_proxy",
        "http-request del-header Forwarded unless is_proxy",
        "http-request del-header X-Real-IP unless is_proxy",
        "http-request set-header X-Forwarded-For "%[req.fhdr(X-Forwarded-For)], %[src]" if is_proxy { req.fhdr(X-Forwarded-For) -m found }",
        "http-request set-header X-Forwarded-For %[src] unless is_proxy { req.fhdr(X-Forwarded-For) -m found }",
        "http-request set-header X-Forwarded-Proto http unless is_proxy { req.fhdr(X-Forwarded-Proto) -m found }",
      ]
    `);
});

describe("overload", () => {
    const busy = backends.map((each) => ({ ...each, workers: 8 }));

    test("a host gets four requests for each of its workers, the rest wait; others are not bounded", () => {
        expect(lines(http({ backends: [busy[0]!, web1] }), /server web/).slice(0, 2)).toEqual([
            "server web-0 web-0:80 maxconn 32",
            "server web-1 web-1:80",
        ]);
        expect(http({ backends: busy })).toContain("    timeout queue 10s\n");
    });

    test("or as many as are said, for as long as is said", () => {
        const text = http({ backends: busy, maxConnections: 5, queueTimeout: 3 });
        expect(lines(text, /server web/)[0]).toBe("server web-0 web-0:80 maxconn 5");
        expect(text).toContain("    timeout queue 3s\n");
    });
});

describe("weights by load", () => {
    const servers = (listener: Partial<HttpListener>) =>
        section(http({ weightByLoad: true, ...listener }), "backend lb-http-80")!
            .split("\n")
            .filter((line) => /server w|default-server|hash|balance/.test(line))
            .map((line) => line.trim());

    test("hosts are asked for the part of theirs that they take; of a weight of 1 each part would be none", () => {
        expect(servers({ weights: { "web-1": 2 } })).toEqual([
            "balance roundrobin",
            "default-server agent-check agent-port 8406 agent-inter 2s",
            "default-server observe layer7 error-limit 5 on-error mark-down",
            "server web-0 web-0:80 weight 100",
            "server web-1 web-1:80 weight 200",
        ]);
        expect(servers({ weights: { "web-0": 0, "web-1": 25 } }).slice(-2)).toEqual([
            "server web-0 web-0:80 weight 0",
            "server web-1 web-1:80 weight 250",
        ]);
    });

    test("a hash goes by them too", () => {
        expect(servers({ balance: "source" }).slice(0, 2)).toEqual([
            "balance source",
            "hash-type consistent",
        ]);
    });

    test("who stands in for all hosts, or for one, asks nobody; and of TCP hosts are asked as well", () => {
        const text = http({ weightByLoad: true, pinned: [{ path: "/a", to: web0 }] });
        const asking = text.split("\n\n").filter((each) => each.includes("agent-check"));
        expect(asking.map((each) => each.split("\n")[0])).toEqual(["backend lb-http-80 from http"]);
        expect(tcp({ weightByLoad: true })).toContain("agent-check agent-port 8406 agent-inter 2s\n");
        expect(http({})).not.toMatch(/agent|weight/);
    });
});

test("routes: the first that fits, by whole segments of the path and by names, with their own pins", () => {
    const text = http({
        routes: [
            { path: "/api", backends: hosts("api"), backendPort: 3000, healthPath: "/up" },
            {
                path: "/",
                hostNames: ["*.shop.example", "shop.example"],
                backends,
                pinned: [{ path: "/admin", to: web1 }],
            },
        ],
    });
    expect(lines(text, /acl|use_backend|default_backend|txn.path/)).toMatchInlineSnapshot(`
      [
        "http-request set-var(txn.path) path",
        "http-request set-var(txn.path) 'path,url_dec,regsub("/([.]?/)+",/,g)' if { path -m sub % // /. }",
        "http-request deny deny_status 400 if { var(txn.path) -m sub /. } { var(txn.path) -m reg /[.][.]?(/|$) }",
        "acl route-0-path var(txn.path) -m beg /api/",
        "acl route-0-path var(txn.path) -m str /api",
        "acl route-1-name req.hdr(host),field(1,:),lower -m end .shop.example",
        "acl route-1-name req.hdr(host),field(1,:),lower -m str shop.example",
        "acl route-1-path var(txn.path) -m beg /",
        "acl route-1-pinned-0 var(txn.path) -m beg /admin/",
        "acl route-1-pinned-0 var(txn.path) -m str /admin",
        "use_backend lb-http-80-route-0 if route-0-path",
        "use_backend lb-http-80-route-1-pinned-0 if route-1-name route-1-path route-1-pinned-0",
        "use_backend lb-http-80-route-1-regardless if route-1-name route-1-path !{ nbsrv(lb-http-80-route-1) gt 0 }",
        "use_backend lb-http-80-route-1 if route-1-name route-1-path",
        "use_backend lb-http-80-regardless if !{ nbsrv(lb-http-80) gt 0 }",
        "default_backend lb-http-80",
      ]
    `);
    expect(section(text, "backend lb-http-80-route-0")).toMatchInlineSnapshot(`
      "backend lb-http-80-route-0 from http
          balance roundrobin
          timeout server 60s
          timeout queue 10s
          option httpchk GET /up
          http-check expect status 200
          http-request disable-l7-retry if !METH_GET
          http-response set-header X-Served-By %s
          server api api:3000"
    `);
});

describe("stickiness", () => {
    test("by a cookie, which is for TLS alone where TLS ends here", () => {
        const text = http({ stickiness: { by: "cookie" }, tls: { certificates: [secret] } });
        expect(lines(text, /cookie/)).toMatchInlineSnapshot(`
          [
            "cookie lb-http-443 insert indirect nocache httponly secure attr SameSite=Lax",
            "server web-0 web-0:80 cookie web-0",
            "server web-1 web-1:80 cookie web-1",
            "cookie lb-http-443 insert indirect nocache httponly secure attr SameSite=Lax",
            "server web-0 web-0:80 cookie web-0",
            "server web-1 web-1:80 cookie web-1",
          ]
        `);
        expect(lines(http({ stickiness: { by: "cookie", cookie: "S" } }), / S /)[0]).toBe(
            "cookie S insert indirect nocache httponly attr SameSite=Lax",
        );
    });

    test("by address, which the balancers tell each other: whatever their order, one text", () => {
        const text = http({ stickiness: { by: "address", expire: 60 } });
        expect(section(text, "peers")).toMatchInlineSnapshot(`
          "peers lb-peers
              peer lb-0 lb-0:10051
              peer lb-1 lb-1:10051
              table lb-http-80 type ipv6 size 100k expire 60s"
        `);
        expect(lines(text, /stick on/)).toEqual(
            Array(2).fill("stick on var(txn.visitor) table lb-peers/lb-http-80"),
        );
        expect(lines(tcp({ stickiness: { by: "address" } }), /stick on/)).toEqual([
            "stick on src table lb-peers/lb-tcp-25",
        ]);
    });
});

test("shares by name", () => {
    expect(lines(http({ weights: { "web-1": 0, "web-0": 3 } }), /server web/).slice(0, 2)).toEqual([
        "server web-0 web-0:80 weight 3",
        "server web-1 web-1:80 weight 0",
    ]);
});

describe("TLS", () => {
    test("ends here, with HTTP/2; visitors in plain are sent on under the name that they used", () => {
        const text = http({ tls: { certificates: [secret], hsts: 300 } });
        expect(section(text, "frontend lb-http-80")).toMatchInlineSnapshot(`
          "frontend lb-http-80 from http
              bind {{anchor}}:80
              http-request redirect location https://%[req.hdr(host),field(1,:)]%[capture.req.uri] code 301"
        `);
        expect(lines(text, /ssl|Strict|X-Forwarded-Proto/)).toMatchInlineSnapshot(`
          [
            "bind {{anchor}}:443 ssl crt-list /etc/haproxy/evenkeel/lb-http-443.crt-list alpn h2,http/1.1",
            "http-request add-header X-Forwarded-Proto https",
            "http-response set-header Strict-Transport-Security max-age=300",
          ]
        `);
    });

    test("nobody is sent on who has a listener of his own, or when that is not wanted", () => {
        const tls = { certificates: [secret] };
        expect(lines(http({ tls: { ...tls, redirect: false } }), /redirect/)).toEqual([]);
        const both = haproxyPair({ ...pair, http: [{ backends, tls }, { backends }] });
        expect(lines(both, /redirect/)).toEqual([]);
        const twice = haproxyPair({
            ...pair,
            http: [8443, 9443].map((port) => ({ port, backends, tls })),
        });
        expect(lines(twice, /redirect/)).toEqual([
            "http-request redirect location https://%[req.hdr(host),field(1,:)]:8443%[capture.req.uri] code 301",
        ]);
    });
});

test("limits of one visitor, who behind a trusted proxy is the one that it tells", () => {
    const text = http({ limits: { requestsPerSecond: 5, connections: 20 }, trustedProxies: ["192.0.2.1"] });
    expect(lines(text, /sc[01]/)).toMatchInlineSnapshot(`
      [
        "tcp-request connection track-sc0 src unless { src 192.0.2.1 }",
        "tcp-request connection reject if { sc0_conn_cur gt 20 }",
        "http-request track-sc1 var(txn.visitor) table lb-http-80-requests",
        "http-request deny deny_status 429 if { sc1_http_req_rate gt 50 }",
      ]
    `);
    expect(lines(http({ limits: { requestsPerSecond: 5 } }), /connection/)).toEqual([]);
});

test("PROXY protocol in, from proxies that are named, and out", () => {
    const text = tcp({ acceptProxyProtocol: true, trustedProxies: ["192.0.2.1"], sendProxyProtocol: true });
    expect(lines(text, /-proxy/)).toEqual([
        "tcp-request connection expect-proxy layer4 if { src 192.0.2.1 }",
        "default-server send-proxy-v2 check-send-proxy",
    ]);
});

test("what visitors see while no host can answer", () => {
    expect(lines(http({ port: 8080, maintenancePage: "<p>" }), /503 content/)).toEqual([
        'http-error status 503 content-type "text/html; charset=utf-8" file /etc/evenkeel/balancers/lb/maintenance-8080.html hdr Retry-After 10',
    ]);
});

test("paths, pins and cookies do not type-check on TCP", () => {
    // @ts-expect-error: HTTP has paths
    const routed: TcpListener = { port: 25, backends, routes: [] };
    // @ts-expect-error: and pins
    const pinned: TcpListener = { port: 25, backends, pinned: [] };
    // @ts-expect-error: and cookies
    const sticky: TcpListener = { port: 25, backends, stickiness: { by: "cookie" } };
    expect([routed, pinned, sticky]).toHaveLength(3);
});

test("a listener of TCP", () => {
    const text = tcp({ backendPort: 2525, healthPath: "/up", healthPort: 8080 });
    expect(section(text, "backend lb-tcp-25")).toMatchInlineSnapshot(`
      "backend lb-tcp-25 from tcp
          balance roundrobin
          timeout server 3600s
          timeout queue 10s
          option httpchk GET /up
          http-check expect status 200
          default-server port 8080
          server web-0 web-0:2525
          server web-1 web-1:2525
      "
    `);
    expect(lines(text, /ready/)).toEqual([
        "http-request return status 200 if { path /ready } { nbsrv(lb-tcp-25) gt 0 }",
    ]);
});

test("figures on the private address, and a page for who has the password", () => {
    const text = http({}, { metricsPort: 9101, statusPage: true });
    expect(section(text, "frontend lb-metrics")).toMatchInlineSnapshot(`
      "frontend lb-metrics from http
          bind lb-0:9101
          http-request use-service prometheus-exporter if { path /metrics }
          acl is_known http_auth(lb-status)
          stats enable
          stats uri /status
          stats hide-version
          stats refresh 5s
          stats http-request auth realm status unless is_known
          http-request return status 404 unless { path /status }"
    `);
    expect(section(http({}, { metricsPort: 9101 }), "frontend lb-metrics")).not.toContain("/status");
});

describe("a listener that leads to a database", () => {
    const database = endpoint("web-0", "web-1");

    test("asks its members over HTTPS who takes the writes, and the others stand by", () => {
        expect(
            section(tcp({ port: 3306, database }), "backend lb-tcp-3306"),
        ).toBe(`backend lb-tcp-3306 from tcp
    balance roundrobin
    timeout server 3600s
    timeout queue 10s
    option httpchk
    http-check disable-on-404
    http-check send meth GET uri /write
    default-server port ${database.healthPort} check-ssl verify required ca-file /etc/haproxy/evenkeel/lb-tcp-3306.ca.pem inter 250ms fastinter 250ms downinter 250ms fall 3 rise 1
    server web-0 web-0:${database.port} verifyhost web-0 check-sni web-0
    server web-1 web-1:${database.port} verifyhost web-1 check-sni web-1 backup
`);
    });

    test("for reads has all that are up to date", () => {
        const text = tcp({ port: 3307, database, reads: true });
        expect(lines(text, /uri|server web/)).toEqual([
            "http-check send meth GET uri /read",
            `server web-0 web-0:${database.port} verifyhost web-0 check-sni web-0`,
            `server web-1 web-1:${database.port} verifyhost web-1 check-sni web-1`,
        ]);
    });
});
