/** The binary part of an OpenSSH public key, which starts with the key's own type; undefined when it is none. */
export function publicKeyBlob(publicKey: string): Buffer | undefined {
    const [type = "", encoded = ""] = publicKey.trim().split(/\s+/);
    const blob = Buffer.from(encoded, "base64");
    const typeLength = blob.length >= 4 ? blob.readUInt32BE(0) : 0;
    return type !== "" && blob.subarray(4, 4 + typeLength).toString() === type ? blob : undefined;
}

export const isPublicKey = (text: string) => publicKeyBlob(text) !== undefined;
