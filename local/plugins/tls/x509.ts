import { createPublicKey, type KeyObject, webcrypto } from "node:crypto";
import { x509 } from "../../authority/library.ts";
import { isObject, texts, type Value } from "../kit/values.ts";
import { pemBlock } from "./openssh.ts";

type Signing = { name: string; namedCurve?: string; hash?: string };

// The hash that Go chooses for each kind of key.
const curveHashes: Record<string, [string, string]> = {
    prime256v1: ["P-256", "SHA-256"],
    secp384r1: ["P-384", "SHA-384"],
    secp521r1: ["P-521", "SHA-512"],
};

export function signingAlgorithm(key: KeyObject): Signing {
    if (key.asymmetricKeyType === "ed25519") return { name: "Ed25519" };
    if (key.asymmetricKeyType === "rsa") return { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
    const [namedCurve, hash] = curveHashes[key.asymmetricKeyDetails?.namedCurve ?? ""] ?? [];
    if (namedCurve === undefined || hash === undefined)
        throw new Error(
            "the stand-in plugin makes no certificates for ECDSA keys on curve P224: set ecdsaCurve to P256 or more",
        );
    return { name: "ECDSA", namedCurve, hash };
}

export async function keyPair(key: KeyObject): Promise<webcrypto.CryptoKeyPair> {
    const algorithm = signingAlgorithm(key) as never;
    const { subtle } = webcrypto;
    const publicKey = createPublicKey(key.export({ type: "pkcs8", format: "pem" }));
    return {
        privateKey: await subtle.importKey(
            "pkcs8",
            key.export({ type: "pkcs8", format: "der" }),
            algorithm,
            true,
            ["sign"],
        ),
        publicKey: await subtle.importKey(
            "spki",
            publicKey.export({ type: "spki", format: "der" }),
            algorithm,
            true,
            ["verify"],
        ),
    };
}

// In the order in which Go writes a name.
const nameParts: [string, string][] = [
    ["country", "2.5.4.6"],
    ["organization", "2.5.4.10"],
    ["organizationalUnit", "2.5.4.11"],
    ["locality", "2.5.4.7"],
    ["province", "2.5.4.8"],
    ["streetAddresses", "2.5.4.9"],
    ["postalCode", "2.5.4.17"],
    ["commonName", "2.5.4.3"],
    ["serialNumber", "2.5.4.5"],
    ["emailAddress", "1.2.840.113549.1.9.1"],
];

export function subjectName(subject: Value | undefined): x509.Name {
    const given = isObject(subject) ? subject : {};
    const parts = nameParts.flatMap(([name, oid]) => {
        const value = given[name];
        if (value === undefined || value === null || value === "") return [];
        const values = Array.isArray(value) ? texts(value) : [String(value)];
        const encoded = name === "emailAddress" ? values.map((email) => ({ ia5String: email })) : values;
        return values.length > 0 ? [{ [oid]: encoded }] : [];
    });
    return new x509.Name(parts as x509.JsonName);
}

export function alternativeNames(inputs: Record<string, Value>): x509.Extension[] {
    const names = [
        ...texts(inputs.dnsNames).map((value) => ({ type: "dns" as const, value })),
        ...texts(inputs.ipAddresses).map((value) => ({ type: "ip" as const, value })),
        ...texts(inputs.uris).map((value) => ({ type: "url" as const, value })),
    ];
    return names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : [];
}

export function toPem(label: string, data: { rawData: ArrayBuffer }): string {
    return pemBlock(label, Buffer.from(data.rawData));
}
