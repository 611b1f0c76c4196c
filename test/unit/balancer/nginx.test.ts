import { describe, expect, test } from "vitest";
import type { HttpListener, TcpListener } from "../../../src/balancer/listeners.ts";
import { nginxConfig } from "../../../src/balancer/nginx/config.ts";
import { poolMap, STEPS } from "../../../src/balancer/nginx/routing.ts";
import { checksOf } from "../../../src/balancer/nginx/upstreams.ts";
import { hosts } from "../../support/refusals.ts";

const [web0, web1] = hosts("web-0", "web-1") as [ReturnType<typeof hosts>[0], ReturnType<typeof hosts>[0]];
const backends = [web0, web1];

const config = (
    http: Partial<HttpListener>[],
    tcp: Partial<TcpListener>[] = [],
    addresses = ["{{anchor}}"],
) =>
    nginxConfig({
        pair: "lb",
        addresses,
        http: http.map((each) => ({ backends, ...each })),
        tcp: tcp.map((each) => ({ port: 25, backends, ...each })),
        readyAddress: "127.0.51.1:8404",
        certificates: ({ tls }) => (tls?.certificates ?? []).map((_, i) => `/cert-${i}.pem`),
    });

/** Blocks that begin so, without what indents them. */
const blocks = (text: string, start: string) =>
    text
        .replace(/^ {4}/gm, "")
        .split("\n\n")
        .filter((each) => each.startsWith(`${start} `));
const block = (text: string, start: string) => blocks(text, start)[0];
const lines = (text: string, part: RegExp) =>
    text
        .split("\n")
        .filter((line) => part.test(line))
        .map((line) => line.trim());

describe("upstreams", () => {
    test("each with a twin for what must not be tried twice; pins go to theirs, and others stand by or not", () => {
        const text = config([
            {
                backendPort: 8080,
                balance: "leastconn",
                weights: { "web-0": 3 },
                pinned: [
                    { path: "/wp-admin", to: web1 },
                    { path: "/export", to: web0, fallback: false },
                ],
            },
        ]);
        expect(blocks(text, "upstream").join("\n")).toMatchInlineSnapshot(`
          "upstream lb-http-80 {
              zone lb-http-80 64k;
              least_conn;
              server web-0:8080 weight=3 max_fails=0; # checked: web-0:8080/healthz in lb-http-80
              server web-1:8080 max_fails=0; # checked: web-1:8080/healthz in lb-http-80
              keepalive 64;
              keepalive_timeout 30s;
          }
          upstream lb-http-80-once {
              zone lb-http-80-once 64k;
              least_conn;
              server web-0:8080 weight=3 max_fails=0; # checked: web-0:8080/healthz in lb-http-80
              server web-1:8080 max_fails=0; # checked: web-1:8080/healthz in lb-http-80
          }
          upstream lb-http-80-pinned-0 {
              zone lb-http-80-pinned-0 64k;
              server web-0:8080 weight=3 max_fails=0 backup; # checked: web-0:8080/healthz
              server web-1:8080 max_fails=0; # checked: web-1:8080/healthz
              keepalive 64;
              keepalive_timeout 30s;
          }
          upstream lb-http-80-pinned-0-once {
              zone lb-http-80-pinned-0-once 64k;
              server web-0:8080 weight=3 max_fails=0 backup; # checked: web-0:8080/healthz
              server web-1:8080 max_fails=0; # checked: web-1:8080/healthz
          }
          upstream lb-http-80-pinned-1 {
              zone lb-http-80-pinned-1 64k;
              server web-0:8080 weight=3 max_fails=0; # checked: web-0:8080/healthz
              keepalive 64;
              keepalive_timeout 30s;
          }
          upstream lb-http-80-pinned-1-once {
              zone lb-http-80-pinned-1-once 64k;
              server web-0:8080 weight=3 max_fails=0; # checked: web-0:8080/healthz
          }"
        `);
    });

    test("who has no share is asked nothing, and is no reason to be ready", () => {
        const listener = { backends, weights: { "web-0": 0 } };
        expect(lines(config([listener]), /server web-0/)[0]).toBe("server web-0:80 max_fails=0 down;");
        expect(checksOf("lb", [listener], []).pools).toEqual({ "lb-http-80": ["web-1:80/healthz"] });
    });

    test.each([
        ["source", ["hash $remote_addr consistent;"]],
        ["random", ["random two least_conn;"]],
        ["roundrobin", []],
    ] as const)("balance %s", (balance, found) => {
        const text = block(config([{ balance }]), "upstream lb-http-80")!;
        expect(lines(text, /hash|random |least/)).toEqual(found);
    });
});

describe("what leads to a pool", () => {
    /** As nginx reads the map: the first pattern that fits. */
    function poolOf(listener: Partial<HttpListener>, request: string) {
        const map = poolMap("lb", { backends, ...listener });
        const rules = [...map.matchAll(/^ {4}"~(.*)" (\S+);$/gm)];
        // \z is PCRE's.
        const fits = rules.find(([, pattern]) =>
            new RegExp(pattern!.replaceAll("\\z", "$(?![^])")).test(request),
        );
        return fits?.[2] ?? "lb-http-80";
    }
    const routed = {
        routes: [
            { path: "/api", hostNames: ["a.example"], backends, pinned: [{ path: "/api/v1", to: web0 }] },
            { path: "/img+.d/", backends },
            { hostNames: ["*.shop.example"], backends, pinned: [{ path: "/wp-admin", to: web1 }] },
        ],
        pinned: [{ path: "/wp-admin", to: web0 }],
    };

    test.each([
        ["a.example /api", "lb-http-80-route-0"],
        ["a.example /api/v2", "lb-http-80-route-0"],
        ["a.example /api/v1/x", "lb-http-80-route-0-pinned-0"],
        ["b.example /api", "lb-http-80"],
        ["a.example /apiary", "lb-http-80"],
        ["x /img+.d", "lb-http-80-route-1"],
        ["x /imgg.d", "lb-http-80"],
        ["www.shop.example /", "lb-http-80-route-2"],
        ["shop.example /", "lb-http-80"],
        ["www.shop.example.org /", "lb-http-80"],
        ["wwwXshop.example /", "lb-http-80"],
        ["www.shop.example /wp-admin/", "lb-http-80-route-2-pinned-0"],
        ["x /wp-admin", "lb-http-80-pinned-0"],
        ["x /wp-administrator", "lb-http-80"],
        ["x /wp-admin\n", "lb-http-80"],
        ["x /a b.shop.example /", "lb-http-80"],
    ])("%j: %s", (request, pool) => expect(poolOf(routed, request)).toBe(pool));

    test.each([
        ["/a/../b", true],
        ["/a/%2e%2E/b", true],
        ["/a%2f..%2fb", true],
        ["/..", true],
        ["/a/.", true],
        ["/a/.?x", true],
        ["/a/./b", false],
        ["/a..b/c", false],
        ["/.well-known/x", false],
        ["/x?q=/../y", false],
    ])("a step up in %s: %s", (path, isOne) => {
        const [, pattern] = /"~\*(.*)" 1;/.exec(STEPS)!;
        expect(new RegExp(pattern!.replaceAll("\\z", "$"), "i").test(path)).toBe(isOne);
    });

    test("is looked at where paths lead somewhere, and nowhere else", () => {
        expect(config([{}])).not.toContain("steps_up");
        expect(config([{ pinned: [{ path: "/a", to: web0 }] }])).toContain("if ($steps_up)");
    });
});

describe("visitors", () => {
    test("are who connects, or whom trusted proxies tell", () => {
        const plain = config([{}]);
        const no = (name: string) => `proxy_set_header ${name} "";`;
        expect(lines(plain, /X-Forwarded|X-Real|Forwarded ""/)).toEqual([
            "proxy_set_header X-Forwarded-For $remote_addr;",
            "proxy_set_header X-Forwarded-Proto $scheme;",
            ...["Forwarded", "X-Real-IP", "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Prefix"].map(
                no,
            ),
            ...["X-Forwarded-Scheme", "X-Forwarded-Server", "X-Forwarded-Ssl"].map(no),
        ]);
        const told = config([{ trustedProxies: ["192.0.2.0/24"] }]);
        expect(lines(told, /192\.0\.2|real_ip_header|X-Forwarded-For /)).toEqual([
            "192.0.2.0/24 1;",
            "set_real_ip_from 192.0.2.0/24;",
            "real_ip_header X-Forwarded-For;",
            "proxy_set_header X-Forwarded-For $forwarded_for_of_80;",
        ]);
        const byProtocol = config([{ trustedProxies: ["192.0.2.0/24"], acceptProxyProtocol: true }]);
        expect(lines(byProtocol, /listen \{|real_ip_header|X-Forwarded-For /)).toEqual([
            "listen {{anchor}}:80 default_server proxy_protocol;",
            "real_ip_header proxy_protocol;",
            "proxy_set_header X-Forwarded-For $remote_addr;",
        ]);
    });

    test("who asks for too much is told so", () => {
        const text = config([{ limits: { requestsPerSecond: 2, connections: 5 } }]);
        expect(lines(text, /limit_(req|conn)/)).toEqual([
            "limit_req_status 429;",
            "limit_conn_status 429;",
            "limit_req_zone $binary_remote_addr zone=requests_of_80:10m rate=2r/s;",
            "limit_conn_zone $binary_remote_addr zone=connections_of_80:10m;",
            "limit_req zone=requests_of_80 burst=20 nodelay;",
            "limit_conn connections_of_80 5;",
        ]);
    });
});

test("TLS: a server for the names of each certificate, the first for all others, and a redirect to it", () => {
    const tls = {
        certificates: [
            { certificate: "", privateKey: "" },
            { certificate: "", privateKey: "" },
        ],
        hsts: 300,
    };
    const text = config([{ port: 8443, tls }]);
    expect(lines(text, /listen \{|server_name |ssl_certificate |Strict|return 301/)).toEqual([
        "listen {{anchor}}:8443 default_server ssl http2;",
        "server_name _;",
        "ssl_certificate /cert-0.pem;",
        "proxy_hide_header Strict-Transport-Security;",
        'add_header Strict-Transport-Security "max-age=300" always;',
        "listen {{anchor}}:8443 ssl http2;",
        "server_name {{names /cert-1.pem}};",
        "ssl_certificate /cert-1.pem;",
        "proxy_hide_header Strict-Transport-Security;",
        'add_header Strict-Transport-Security "max-age=300" always;',
        "listen {{anchor}}:80 default_server;",
        "server_name _;",
        "return 301 https://$host:8443$request_uri;",
    ]);
    expect(config([{ port: 8443, tls: { ...tls, redirect: false } }])).not.toContain("return 301");
});

test("each of several addresses is listened on, and the plain port of each", () => {
    const tls = { certificates: [{ certificate: "", privateKey: "" }] };
    const text = config([{ tls }], [{}], ["10.0.0.8", "10.0.0.9"]);
    expect(lines(text, /listen 10/)).toEqual([
        "listen 10.0.0.8:443 default_server ssl http2;",
        "listen 10.0.0.9:443 default_server ssl http2;",
        "listen 10.0.0.8:80 default_server;",
        "listen 10.0.0.9:80 default_server;",
        "listen 10.0.0.8:25 so_keepalive=on;",
        "listen 10.0.0.9:25 so_keepalive=on;",
    ]);
});

test("a slow request is tried once, however short the patience", () => {
    const times = (timeout: number) =>
        lines(config([{ timeout }]), /proxy_(connect|next_upstream|read)_timeout/).slice(0, 3);
    expect(times(60)).toEqual([
        "proxy_connect_timeout 1s;",
        "proxy_next_upstream_timeout 4s;",
        "proxy_read_timeout 60s;",
    ]);
    expect(times(1)).toEqual([
        "proxy_connect_timeout 500ms;",
        "proxy_next_upstream_timeout 1s;",
        "proxy_read_timeout 1s;",
    ]);
});

test("a listener of TCP", () => {
    const text = config(
        [],
        [{ sendProxyProtocol: true, trustedProxies: ["192.0.2.0/24"], acceptProxyProtocol: true }],
    );
    expect(text).toMatch(/^load_module \S+ngx_stream_module\.so;$/m);
    expect(block(text, "server")).not.toBeUndefined();
    expect(text.slice(text.indexOf("stream {"))).toMatchInlineSnapshot(`
      "stream {
          upstream lb-tcp-25 {
              zone lb-tcp-25 64k;
              server web-0:25 max_fails=0; # checked: web-0:25(PROXY) in lb-tcp-25
              server web-1:25 max_fails=0; # checked: web-1:25(PROXY) in lb-tcp-25
          }

          server {
              listen {{anchor}}:25 so_keepalive=on proxy_protocol;
              set_real_ip_from 192.0.2.0/24;
              proxy_connect_timeout 1s;
              proxy_timeout 3600s;
              proxy_socket_keepalive on;
              proxy_half_close on;
              proxy_protocol on;
              proxy_pass lb-tcp-25;
          }
      }
      "
    `);
    expect(config([{}])).not.toContain("load_module");
});
