import { expect, test } from "vitest";
import { haproxyListeners } from "../../../src/balancer/haproxy.ts";

const listener = {
    address: "{{anchor}}",
    nonLocal: false,
    port: 80,
    backends: [
        { host: "web-0", port: 8080 },
        { host: "web-1", port: 8080 },
    ],
    balance: "roundrobin",
    healthPath: "/healthz",
    pinned: [
        { path: "/wp-admin", host: "web-1", fallback: true },
        { path: "/export", host: "web-0", fallback: false },
    ],
    trustedProxies: [],
    timeout: 60,
};

test("a listener with pinned paths: the others stand by, or are left out", () => {
    const text = haproxyListeners("lb", [listener]);
    expect(text.slice(text.indexOf("frontend lb-http-80"))).toMatchInlineSnapshot(`
      "frontend lb-http-80 from http
          bind {{anchor}}:80
          timeout client 60s
          http-request set-header X-Forwarded-For %[src]
          http-request set-header X-Forwarded-Proto http
          http-request del-header Forwarded
          http-request del-header X-Forwarded-Host
          http-request del-header X-Forwarded-Port
          http-request del-header X-Real-IP
          http-request set-var(txn.path) 'path,url_dec,regsub("/([.]?/)+",/,g)'
          http-request deny deny_status 400 if { var(txn.path) -m reg (^|/)[.][.]?(/|$) }
          use_backend lb-http-80-pinned-0 if { var(txn.path) -m beg /wp-admin/ } || { var(txn.path) -m str /wp-admin }
          use_backend lb-http-80-pinned-1 if { var(txn.path) -m beg /export/ } || { var(txn.path) -m str /export }
          default_backend lb-http-80

      backend lb-http-80 from http
          balance roundrobin
          timeout server 60s
          option httpchk GET /healthz
          http-check expect status 200
          http-request disable-l7-retry if !METH_GET
          http-response set-header X-Served-By %s
          server web-0 web-0:8080
          server web-1 web-1:8080

      backend lb-http-80-pinned-0 from http
          balance roundrobin
          timeout server 60s
          option httpchk GET /healthz
          http-check expect status 200
          http-request disable-l7-retry if !METH_GET
          http-response set-header X-Served-By %s
          server web-0 web-0:8080 backup
          server web-1 web-1:8080

      backend lb-http-80-pinned-1 from http
          balance roundrobin
          timeout server 60s
          option httpchk GET /healthz
          http-check expect status 200
          http-request disable-l7-retry if !METH_GET
          http-response set-header X-Served-By %s
          server web-0 web-0:8080
      "
    `);
});

test("another backend adds one line to each of the listener's backends, and changes none", () => {
    const before = haproxyListeners("lb", [{ ...listener, pinned: [] }]).split("\n");
    const backends = [...listener.backends, { host: "web-2", port: 8080 }];
    const after = haproxyListeners("lb", [{ ...listener, backends, pinned: [] }]).split("\n");
    expect(after.filter((line) => !before.includes(line))).toEqual(["    server web-2 web-2:8080"]);
    expect(after).toHaveLength(before.length + 1);
});

test("an address that VRRP carries is listened on before the host has it", () => {
    expect(haproxyListeners("lb", [{ ...listener, address: "10.0.0.9", nonLocal: true }])).toContain(
        "bind 10.0.0.9:80 transparent",
    );
});

test("a proxy before the balancers is believed, and nobody else", () => {
    const text = haproxyListeners("lb", [
        { ...listener, pinned: [], trustedProxies: ["192.0.2.0/24", "2001:db8::1"] },
    ]);
    expect(text.split("\n").filter((line) => /is_proxy/.test(line))).toMatchInlineSnapshot(`
      [
        "    acl is_proxy src 192.0.2.0/24 2001:db8::1",
        "    http-request set-header X-Forwarded-For "%[req.fhdr(X-Forwarded-For)], %[src]" if is_proxy { req.fhdr(X-Forwarded-For) -m found }",
        "    http-request set-header X-Forwarded-For %[src] unless is_proxy { req.fhdr(X-Forwarded-For) -m found }",
        "    http-request set-header X-Forwarded-Proto http unless is_proxy { req.fhdr(X-Forwarded-Proto) -m found }",
        "    http-request del-header Forwarded unless is_proxy",
        "    http-request del-header X-Forwarded-Host unless is_proxy",
        "    http-request del-header X-Forwarded-Port unless is_proxy",
        "    http-request del-header X-Real-IP unless is_proxy",
      ]
    `);
});
