import { webcrypto } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AUTHORITY_FILE } from "./file.ts";
import { x509 } from "./library.ts";

const signing = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const day = 86_400_000;

export interface Authority {
    /** A certificate for these names, and its key. */
    issue(names: string[]): Promise<{ cert: string; key: string }>;
}

/** The authority of one local cloud, made once: whoever trusts it goes on to after a restart. */
export async function openAuthority(stateDir: string): Promise<Authority> {
    const files = [join(stateDir, AUTHORITY_FILE), join(stateDir, "authority-key.pem")] as const;
    const read = () => Promise.all([readFile(files[0], "utf8"), readFile(files[1], "utf8")]);
    const [certificate, key] = await read().catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return make(...files);
        throw error;
    });
    const signingKey = await importKey(key);
    const { subject } = new x509.X509Certificate(certificate);
    return {
        async issue(names) {
            const keys = await newKeys();
            const issued = await x509.X509CertificateGenerator.create({
                serialNumber: serialNumber(),
                subject: `CN=${names[0]}`,
                issuer: subject,
                ...lasting(365),
                signingAlgorithm: signing,
                publicKey: keys.publicKey,
                signingKey,
                extensions: [
                    new x509.SubjectAlternativeNameExtension(
                        names.map((value) => ({ type: "dns" as const, value })),
                    ),
                    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
                ],
            });
            return { cert: issued.toString("pem"), key: await exportKey(keys.privateKey) };
        },
    };
}

async function make(certificateFile: string, keyFile: string): Promise<[string, string]> {
    const keys = await newKeys();
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
        serialNumber: serialNumber(),
        name: "CN=evenkeel local cloud",
        ...lasting(3650),
        signingAlgorithm: signing,
        keys,
        extensions: [
            new x509.BasicConstraintsExtension(true, 0, true),
            new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
            await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
        ],
    });
    const texts: [string, string] = [certificate.toString("pem"), await exportKey(keys.privateKey)];
    await writeFile(keyFile, texts[1], { mode: 0o600 });
    await writeFile(certificateFile, texts[0]);
    return texts;
}

/** A clock that is a little behind is no reason to refuse. */
const lasting = (days: number) => ({
    notBefore: new Date(Date.now() - day),
    notAfter: new Date(Date.now() + days * day),
});

const serialNumber = () => Buffer.from(webcrypto.getRandomValues(new Uint8Array(15))).toString("hex");

const newKeys = () => webcrypto.subtle.generateKey(signing, true, ["sign", "verify"]);

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
    return x509.PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY");
}

function importKey(pem: string): Promise<webcrypto.CryptoKey> {
    const bytes = x509.PemConverter.decodeFirst(pem);
    return webcrypto.subtle.importKey("pkcs8", bytes, signing, false, ["sign"]);
}
