import { generateKeyPairSync } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, expect, test } from "vitest";
import { certificateValues } from "../../../src/balancer/haproxy/listenerFiles.ts";
import { certificateProblems, expiry } from "../../../src/balancer/tls.ts";
import { LoadBalancerPair } from "../../../src/index.ts";
import { certificate, certificateKey } from "../../support/certificate.ts";
import { graphOf } from "../../support/graph.ts";
import { hosts, placement } from "../../support/refusals.ts";

afterEach(async () => pulumi.runtime.disconnect());

const otherKey = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
}).privateKey;

test.each([
    ["a certificate with its key", certificate, certificateKey, []],
    ["another certificate's key", certificate, otherKey, ["privateKey: is of another certificate"]],
    [
        "what only looks like it",
        "-----BEGIN CERTIFICATE-----",
        "-----BEGIN PRIVATE KEY-----",
        [
            "certificate: cannot be read: give it in PEM form",
            "privateKey: cannot be read: give it in PEM form, without a passphrase",
        ],
    ],
])("%s", (_what, certificate, key, problems) => {
    const found = certificateProblems(certificate, key);
    expect(found.map(({ propertyPath, reason }) => `${propertyPath}: ${reason}`)).toEqual(problems);
});

test("who has a certificate that ends within two weeks is told", () => {
    expect(expiry(certificate, new Date("2026-11-29"))).toBeUndefined();
    expect(expiry(certificate, new Date("2126-11-01"))).toMatch(/^expires on 2126-11-\d\d$/);
    expect(expiry(certificate, new Date("2127-01-01"))).toMatch(/^expired on 2126-11-\d\d$/);
});

const program = (privateKey: pulumi.Input<string>) => () =>
    new LoadBalancerPair("lb", {
        placement,
        failoverToken: "token",
        http: [{ backends: hosts("web-0"), tls: { certificates: [{ certificate, privateKey }] } }],
    });

test("a key is in no text, and reaches its host as a secret", async () => {
    const graph = await graphOf(program(pulumi.secret(certificateKey)));
    const [balancer] = graph.filter(({ name }) => name === "lb-0-balancer");
    const body = certificateKey.split("\n")[1]!;
    expect(JSON.stringify(graph.map(({ inputs }) => ({ ...inputs, stdin: "" })))).not.toContain(body);
    const { stdin, create } = balancer!.inputs;
    expect(pulumi.runtime.isRpcSecret(stdin)).toBe(true);
    const [, value] = /^value certificate-lb-http-443-0 (.*)$/m.exec(pulumi.runtime.unwrapRpcSecret(stdin))!;
    expect(Buffer.from(value!, "base64").toString()).toContain(body);
    expect(create).toContain("secret /etc/haproxy/evenkeel/lb-http-443-0.pem certificate-lb-http-443-0");
});

test("what is known late is looked at then", async () => {
    const pair = { certificate, privateKey: pulumi.output(Promise.resolve(otherKey)) };
    const listener = { backends: hosts("web-0"), tls: { certificates: [pair] } };
    const seen: string[][] = [];
    const values = certificateValues("lb", [listener], (...told) => seen.push(told));
    await new Promise((resolve) => values["certificate-lb-http-443-0"]!.apply(resolve));
    expect(seen).toEqual([["http[0].tls.certificates[0]", certificate, otherKey]]);
});
