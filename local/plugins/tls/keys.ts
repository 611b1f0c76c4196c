import { createHash, createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { pemBlock, sshPublicKey } from "./openssh.ts";

export type Algorithm = "RSA" | "ECDSA" | "ED25519";

const algorithms: Record<string, Algorithm> = { rsa: "RSA", ec: "ECDSA", ed25519: "ED25519" };

export function algorithmOf(key: KeyObject): Algorithm {
    const algorithm = algorithms[key.asymmetricKeyType ?? ""];
    if (!algorithm) throw new Error(`unsupported private key type: ${key.asymmetricKeyType}`);
    return algorithm;
}

/** Reads a private key in PKCS#1, SEC 1 or PKCS#8. */
export function readPrivateKey(pem: string): KeyObject {
    if (!pem.includes("-----BEGIN "))
        throw new Error(`failed to decode PEM block: decoded bytes 0, undecoded ${pem.length}`);
    return createPrivateKey(pem);
}

/** The provider's ids: SHA-1 over the DER, which it first trims as if it were text. */
export function idOf(der: Buffer): string {
    const space = (byte: number | undefined): boolean =>
        byte !== undefined && (byte === 0x20 || (byte >= 0x09 && byte <= 0x0d));
    let [start, end] = [0, der.length];
    while (start < end && space(der[start])) start++;
    while (end > start && space(der[end - 1])) end--;
    return createHash("sha1").update(der.subarray(start, end)).digest("hex");
}

/** Everything that follows from the public half, under the provider's names. */
export function publicOutputs(privateKey: KeyObject): { id: string; outputs: Record<string, string> } {
    const key = createPublicKey(privateKey.export({ type: "pkcs8", format: "pem" }));
    const der = key.export({ type: "spki", format: "der" });
    const ssh = sshPublicKey(key);
    const outputs = {
        publicKeyPem: pemBlock("PUBLIC KEY", der),
        publicKeyOpenssh: ssh ? `${ssh.type} ${ssh.blob.toString("base64")}\n` : "",
        publicKeyFingerprintMd5: ssh ? md5(ssh.blob) : "",
        publicKeyFingerprintSha256: ssh ? sha256(ssh.blob) : "",
    };
    return { id: idOf(der), outputs };
}

function md5(blob: Buffer): string {
    return (createHash("md5").update(blob).digest("hex").match(/../g) ?? []).join(":");
}

function sha256(blob: Buffer): string {
    return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
}
