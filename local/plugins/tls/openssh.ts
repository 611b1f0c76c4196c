import { createPrivateKey, createPublicKey, type KeyObject, randomBytes } from "node:crypto";

const curves: Record<string, string> = { "P-256": "nistp256", "P-384": "nistp384", "P-521": "nistp521" };

function bytes(part: string | undefined): Buffer {
    return Buffer.from(part ?? "", "base64url");
}

function field(data: Buffer | string): Buffer {
    const body = Buffer.from(data);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(body.length);
    return Buffer.concat([length, body]);
}

/** A whole number as SSH writes it: no leading zeros but the one that keeps it positive. */
function whole(data: Buffer): Buffer {
    let start = 0;
    while (start < data.length - 1 && data[start] === 0) start++;
    const digits = data.subarray(start);
    return field((digits[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.from([0]), digits]) : digits);
}

/** A public key in SSH's own encoding; undefined where SSH has none (ECDSA P224). */
export function sshPublicKey(key: KeyObject): { type: string; blob: Buffer } | undefined {
    // Node cannot export P-224 as JWK at all.
    if (key.asymmetricKeyDetails?.namedCurve === "secp224r1") return undefined;
    const jwk = (key.type === "private" ? createPublicKey(key) : key).export({ format: "jwk" });
    if (jwk.kty === "OKP")
        return { type: "ssh-ed25519", blob: Buffer.concat([field("ssh-ed25519"), field(bytes(jwk.x))]) };
    if (jwk.kty === "RSA")
        return {
            type: "ssh-rsa",
            blob: Buffer.concat([field("ssh-rsa"), whole(bytes(jwk.e)), whole(bytes(jwk.n))]),
        };
    const curve = curves[jwk.crv ?? ""];
    if (curve === undefined) return undefined;
    const type = `ecdsa-sha2-${curve}`;
    const point = Buffer.concat([Buffer.from([4]), bytes(jwk.x), bytes(jwk.y)]);
    return { type, blob: Buffer.concat([field(type), field(curve), field(point)]) };
}

function privateFields(key: KeyObject): Buffer {
    const jwk = key.export({ format: "jwk" });
    if (jwk.kty === "OKP")
        return Buffer.concat([field(bytes(jwk.x)), field(Buffer.concat([bytes(jwk.d), bytes(jwk.x)]))]);
    if (jwk.kty === "RSA")
        return Buffer.concat([jwk.n, jwk.e, jwk.d, jwk.qi, jwk.p, jwk.q].map((part) => whole(bytes(part))));
    const point = Buffer.concat([Buffer.from([4]), bytes(jwk.x), bytes(jwk.y)]);
    return Buffer.concat([field(curves[jwk.crv ?? ""] ?? ""), field(point), whole(bytes(jwk.d))]);
}

/** The private key in OpenSSH's format, without a passphrase; empty where OpenSSH has none (ECDSA P224). */
export function toOpenssh(pem: string | KeyObject): string {
    const key = typeof pem === "string" ? createPrivateKey(pem) : pem;
    const shared = sshPublicKey(key);
    if (!shared) return "";
    const check = randomBytes(4);
    const body = Buffer.concat([check, check, field(shared.type), privateFields(key), field("")]);
    const padding = Buffer.from(Array.from({ length: (8 - (body.length % 8)) % 8 }, (_, i) => i + 1));
    const count = Buffer.from([0, 0, 0, 1]);
    const data = Buffer.concat([
        Buffer.from("openssh-key-v1\0"),
        field("none"),
        field("none"),
        field(""),
        count,
        field(shared.blob),
        field(Buffer.concat([body, padding])),
    ]);
    return pemBlock("OPENSSH PRIVATE KEY", data);
}

/** PEM with lines of 64 characters, as Go writes it. */
export function pemBlock(label: string, data: Buffer): string {
    const lines = data.toString("base64").match(/.{1,64}/g) ?? [];
    return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
