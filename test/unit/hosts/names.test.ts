import { expect, test } from "vitest";
import { connection } from "../../../src/hosts/arguments.ts";
import * as names from "../../../src/hosts/names.ts";
import { nearest } from "../../../src/hosts/nearest.ts";
import type { Check } from "../../../src/hosts/shape.ts";
import { keyPair } from "../../support/sshServer.ts";

/** What people have, and must not be refused. */
const accepted: [string, Check, unknown[]][] = [
    ["component names", names.componentName, ["db", "a", "web-2", "a--b", "s".repeat(40)]],
    ["host names", names.hostName, ["web-0", "h".repeat(63), "local", "ip6"]],
    ["addresses", names.hostAddress, ["10.0.0.1", "192.168.255.255", "203.0.113.7", "100.64.0.1"]],
    ["health paths", names.healthPath, ["/", "/healthz", "/a/b.php", "/.well-known/up", "/~me/@x/", "/a..b"]],
    ["beginnings of paths", names.pathPrefix, ["/", "/wp-admin", "/a%20b", "//x"]],
    [
        "folders",
        names.hostFolder,
        ["/srv", "/var/www/html", "/home/me/site.d", "/opt/a_b", "/usr/local/www", "/runner", "/library"],
    ],
    ["ports", names.servicePort, [1, 80, 65535]],
    ["API tokens", names.credential("a token"), ["dop_v1_0123456789abcdef", "AbC-_.~+/="]],
];

test.each(accepted)("%s that there are", (_what, check, values) => {
    expect(values.flatMap((value) => check("at", value))).toEqual([]);
});

test("every kind of host key, with and without a comment and the line's end", () => {
    const { privateKey, publicKey } = keyPair();
    const keys = [
        publicKey,
        `${publicKey.trim()} root@web-0\n`,
        "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBA==",
        "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQ== host",
    ];
    for (const hostKey of keys) {
        for (const host of ["192.0.2.1", "web-0.example.org", "2001:db8::1", "fe80::1%eth0"])
            expect(connection("at", { host, privateKey, hostKey, user: "root", port: 22 }), hostKey).toEqual(
                [],
            );
    }
});

test("the nearest word is one that could be meant, or none", () => {
    const words = ["placement", "hostCount", "size", "hosts", "port"];
    expect(
        ["hostcount", "host_count", "Hosts", "prot", "sise", "placment"].map((word) => nearest(word, words)),
    ).toEqual([...["hostCount", "hostCount", "hosts", "port", "size", "placement"]]);
    expect(["backends", "", "x".repeat(30)].map((word) => nearest(word, words))).toEqual([
        undefined,
        undefined,
        undefined,
    ]);
});
