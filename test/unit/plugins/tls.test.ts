import { execFileSync } from "node:child_process";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import type { Resource } from "../../../local/plugins/kit/resource.ts";
import { type Props, reveal, text } from "../../../local/plugins/kit/values.ts";
import { tls } from "../../../local/plugins/tls/provider.ts";
import { check, recordedState, testCall } from "../../support/plugins.ts";

const folder = mkdtempSync(join(tmpdir(), "evenkeel-tls-"));
afterAll(() => rmSync(folder, { recursive: true }));

function resource(kind: string): Resource {
    const type = `tls:index/${kind[0]?.toLowerCase()}${kind.slice(1)}:${kind}`;
    return tls.resources[type] as Resource;
}

async function make(kind: string, news: Props): Promise<Props> {
    const { outputs } = await resource(kind).create(check(resource(kind), news), testCall());
    return reveal(outputs) as Props;
}

function keygen(...args: string[]): string {
    return execFileSync("ssh-keygen", args, { encoding: "utf8" });
}

const sshKinds: Props[] = [
    { algorithm: "ED25519" },
    { algorithm: "ECDSA", ecdsaCurve: "P256" },
    { algorithm: "ECDSA", ecdsaCurve: "P384" },
    { algorithm: "ECDSA", ecdsaCurve: "P521" },
    { algorithm: "RSA" },
];

test.each(sshKinds)(
    "OpenSSH reads the key of %j, and finds the same public key and fingerprints",
    async (news) => {
        const key = await make("PrivateKey", news);
        const file = join(folder, `key-${Math.random()}`);
        writeFileSync(file, text(key.privateKeyOpenssh), { mode: 0o600 });
        expect(keygen("-y", "-f", file).trim()).toBe(text(key.publicKeyOpenssh).trim());
        expect(keygen("-l", "-f", file)).toContain(text(key.publicKeyFingerprintSha256));
        expect(keygen("-l", "-E", "md5", "-f", file)).toContain(`MD5:${text(key.publicKeyFingerprintMd5)}`);
    },
);

const labels: [Props, string][] = [
    [{ algorithm: "ED25519" }, "PRIVATE KEY"],
    [{ algorithm: "ECDSA", ecdsaCurve: "P256" }, "EC PRIVATE KEY"],
    [{ algorithm: "RSA" }, "RSA PRIVATE KEY"],
];
test.each(labels)("the PEM forms of %j are the provider's, and the same key", async (news, label) => {
    const key = await make("PrivateKey", news);
    expect(text(key.privateKeyPem)).toMatch(
        new RegExp(`^-----BEGIN ${label}-----\n[\\s\\S]+\n-----END ${label}-----\n$`),
    );
    expect(text(key.privateKeyPemPkcs8)).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    const same = createPrivateKey(text(key.privateKeyPem)).equals(
        createPrivateKey(text(key.privateKeyPemPkcs8)),
    );
    expect(same).toBe(true);
    expect(text(key.publicKeyPem)).toMatch(/^-----BEGIN PUBLIC KEY-----\n/);
    expect(text(key.id)).toMatch(/^[0-9a-f]{40}$/);
});

test("SSH has no form for ECDSA on P224, the provider's default curve", async () => {
    const key = await make("PrivateKey", { algorithm: "ECDSA" });
    expect(key).toMatchObject({
        ecdsaCurve: "P224",
        privateKeyOpenssh: "",
        publicKeyOpenssh: "",
        publicKeyFingerprintMd5: "",
    });
});

test("ids and fingerprints are made as the official provider made them", async () => {
    const { idOf } = await import("../../../local/plugins/tls/keys.ts");
    const keys = recordedState("state-digitalocean-random-tls.json").filter(({ type }) =>
        type.endsWith(":PrivateKey"),
    );
    const ed25519 = keys.find(({ name }) => name === "ssh");
    const [, blob = ""] = text(ed25519?.outputs.publicKeyOpenssh).split(" ");
    const raw = Buffer.from(blob, "base64").subarray(-32);
    const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), raw]);
    expect(idOf(der)).toBe(ed25519?.id);
});

async function authority(algorithm: Props): Promise<{ key: Props; cert: Props }> {
    const key = await make("PrivateKey", algorithm);
    const cert = await make("SelfSignedCert", {
        privateKeyPem: text(key.privateKeyPem),
        subject: { commonName: "ca", organization: "Even Keel" },
        isCaCertificate: true,
        allowedUses: ["cert_signing", "crl_signing"],
        validityPeriodHours: 87600,
    });
    return { key, cert };
}

test.each(sshKinds)("an authority with %j signs a certificate that OpenSSL accepts", async (algorithm) => {
    const { key, cert } = await authority(algorithm);
    const leafKey = await make("PrivateKey", { algorithm: "ECDSA", ecdsaCurve: "P256" });
    const request = await make("CertRequest", {
        privateKeyPem: text(leafKey.privateKeyPem),
        subject: { commonName: "db-0" },
        dnsNames: ["db-0"],
        ipAddresses: ["10.0.0.1"],
    });
    const leaf = await make("LocallySignedCert", {
        caCertPem: text(cert.certPem),
        caPrivateKeyPem: text(key.privateKeyPem),
        certRequestPem: text(request.certRequestPem),
        allowedUses: ["server_auth", "client_auth"],
        validityPeriodHours: 8760,
    });
    const [ca, signed] = [new X509Certificate(text(cert.certPem)), new X509Certificate(text(leaf.certPem))];
    expect(ca.ca).toBe(true);
    expect(ca.subject.split("\n")).toEqual(["O=Even Keel", "CN=ca"]);
    expect(signed.ca).toBe(false);
    expect(signed.checkIssued(ca) && signed.verify(ca.publicKey)).toBe(true);
    expect(signed.checkHost("db-0")).toBe("db-0");
    expect(signed.checkIP("10.0.0.1")).toBe("10.0.0.1");
    expect(signed.checkPrivateKey(createPrivateKey(text(leafKey.privateKeyPem)))).toBe(true);
    expect(signed.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]);
    expect(BigInt(`0x${signed.serialNumber}`).toString()).toBe(leaf.id);
    expect(Date.parse(text(leaf.validityEndTime)) - Date.parse(text(leaf.validityStartTime))).toBe(
        8760 * 3_600_000,
    );
    expect(leaf).toMatchObject({ caKeyAlgorithm: text(algorithm.algorithm), readyForRenewal: false });
});

test("private keys and what is made of them stay secret", async () => {
    const key = await resource("PrivateKey").create(
        check(resource("PrivateKey"), { algorithm: "ED25519" }),
        testCall(),
    );
    for (const name of ["privateKeyPem", "privateKeyOpenssh", "privateKeyPemPkcs8"])
        expect(key.outputs[name]).toHaveProperty(["4dabf18193072939515e22adb298388d"]);
    const { inputs } = resource("CertRequest").check({
        name: "r",
        olds: {},
        seed: new Uint8Array(),
        news: { privateKeyPem: "pem" },
    });
    expect(inputs.privateKeyPem).toHaveProperty(["4dabf18193072939515e22adb298388d"]);
});

test("a certificate that is due is replaced, and a refresh says so", async () => {
    const { cert } = await authority({ algorithm: "ED25519" });
    const inputs = { earlyRenewalHours: 24 };
    const olds = { ...cert, earlyRenewalHours: 24 };
    const diff = () =>
        resource("SelfSignedCert").diff({ olds, oldInputs: {}, news: { ...olds, ...inputs } }).details;
    expect(diff()).toEqual({});
    vi.useFakeTimers({ now: Date.parse(text(cert.validityEndTime)) - 23 * 3_600_000 });
    try {
        expect(diff()).toEqual({ readyForRenewal: "update-replace" });
        const fresh = await resource("SelfSignedCert").read?.("id", olds, inputs, testCall());
        expect(fresh?.outputs.readyForRenewal).toBe(true);
    } finally {
        vi.useRealTimers();
    }
});

test("an unknown algorithm is refused", () => {
    const { failures } = resource("PrivateKey").check({
        name: "k",
        olds: {},
        seed: new Uint8Array(),
        news: { algorithm: "DSA" },
    });
    expect(failures).toHaveLength(1);
});

test("the public part of a key that is given in any form", async () => {
    const run = tls.functions?.["tls:index/getPublicKey:getPublicKey"];
    const key = await make("PrivateKey", { algorithm: "RSA" });
    for (const name of ["privateKeyPem", "privateKeyOpenssh"]) {
        const found = await run?.({ [name]: key[name] ?? "" });
        expect(found).toMatchObject({ algorithm: "RSA", id: key.id, publicKeyOpenssh: key.publicKeyOpenssh });
    }
});
