import { createPrivateKey, randomBytes } from "node:crypto";

/** A private key in a form that ssh2 reads: it knows OpenSSH's and the older ones, but not PKCS #8. */
export function readableKey(privateKey: string): string {
    if (!privateKey.includes("-----BEGIN PRIVATE KEY-----")) return privateKey;
    const key = createPrivateKey(privateKey);
    if (key.asymmetricKeyType === "rsa") return key.export({ type: "pkcs1", format: "pem" }).toString();
    if (key.asymmetricKeyType === "ec") return key.export({ type: "sec1", format: "pem" }).toString();
    const { x = "", d = "" } = key.export({ format: "jwk" });
    return openssh(Buffer.from(x, "base64url"), Buffer.from(d, "base64url"));
}

/** Ed25519 in OpenSSH's own format (PROTOCOL.key), without a passphrase. */
function openssh(publicKey: Buffer, seed: Buffer): string {
    const type = Buffer.from("ssh-ed25519");
    const check = randomBytes(4);
    const secret = [
        check,
        check,
        field(type),
        field(publicKey),
        field(Buffer.concat([seed, publicKey])),
        field(""),
    ];
    const length = secret.reduce((sum, part) => sum + part.length, 0);
    const padding = Buffer.from(Array.from({ length: (8 - (length % 8)) % 8 }, (_, i) => i + 1));
    const data = Buffer.concat([
        Buffer.from("openssh-key-v1\0"),
        field("none"),
        field("none"),
        field(""),
        Buffer.from([0, 0, 0, 1]),
        field(Buffer.concat([field(type), field(publicKey)])),
        field(Buffer.concat([...secret, padding])),
    ]);
    const lines = data.toString("base64").match(/.{1,64}/g) ?? [];
    return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join("\n")}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

function field(data: Buffer | string): Buffer {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(Buffer.byteLength(data));
    return Buffer.concat([length, Buffer.from(data)]);
}
