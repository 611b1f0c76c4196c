import { createHash, createPublicKey, type KeyObject, randomBytes, type webcrypto } from "node:crypto";
import { x509 } from "../../authority/library.ts";
import {
    boolean,
    type Field,
    type Fields,
    number,
    output,
    replacing,
    string,
    strings,
} from "../kit/fields.ts";
import type { DiffRequest, State } from "../kit/resource.ts";
import { type Props, text, texts } from "../kit/values.ts";
import { signingAlgorithm, toPem } from "./x509.ts";

const keyUsages: Record<string, number> = {
    digital_signature: x509.KeyUsageFlags.digitalSignature,
    content_commitment: x509.KeyUsageFlags.nonRepudiation,
    key_encipherment: x509.KeyUsageFlags.keyEncipherment,
    data_encipherment: x509.KeyUsageFlags.dataEncipherment,
    key_agreement: x509.KeyUsageFlags.keyAgreement,
    cert_signing: x509.KeyUsageFlags.keyCertSign,
    crl_signing: x509.KeyUsageFlags.cRLSign,
    encipher_only: x509.KeyUsageFlags.encipherOnly,
    decipher_only: x509.KeyUsageFlags.decipherOnly,
};

const extendedKeyUsages: Record<string, string> = {
    any_extended: "2.5.29.37.0",
    server_auth: "1.3.6.1.5.5.7.3.1",
    client_auth: "1.3.6.1.5.5.7.3.2",
    code_signing: "1.3.6.1.5.5.7.3.3",
    email_protection: "1.3.6.1.5.5.7.3.4",
    ipsec_end_system: "1.3.6.1.5.5.7.3.5",
    ipsec_tunnel: "1.3.6.1.5.5.7.3.6",
    ipsec_user: "1.3.6.1.5.5.7.3.7",
    timestamping: "1.3.6.1.5.5.7.3.8",
    ocsp_signing: "1.3.6.1.5.5.7.3.9",
    microsoft_server_gated_crypto: "1.3.6.1.4.1.311.10.3.3",
    netscape_server_gated_crypto: "2.16.840.1.113730.4.1",
    microsoft_commercial_code_signing: "1.3.6.1.4.1.311.2.1.22",
    microsoft_kernel_code_signing: "1.3.6.1.4.1.311.61.1.1",
};

const pem = /^-----BEGIN [A-Za-z ]+-----\n(.|\s)+\n-----END [A-Za-z ]+-----\n?$/;

/** A PEM input: old states may hold a hash instead, and then a change is no reason for a new one. */
export const pemInput: Field = { type: "string", replace: (old) => pem.test(text(old)) };

export const certificateFields: Fields = {
    allowedUses: replacing(strings),
    certPem: output(string),
    earlyRenewalHours: { ...number, default: 0 },
    isCaCertificate: { ...replacing(boolean), default: false },
    maxPathLength: { ...replacing(number), computed: true },
    readyForRenewal: output(boolean),
    setSubjectKeyId: { ...replacing(boolean), default: false },
    validityEndTime: output(string),
    validityPeriodHours: replacing(number),
    validityStartTime: output(string),
};

interface Template {
    subject: x509.Name;
    issuer: x509.Name;
    publicKey: KeyObject;
    signer: { key: KeyObject; privateKey: webcrypto.CryptoKey; subjectKeyId?: string };
    alternativeNames: x509.Extension[];
}

/** Makes a certificate as Go's x509 package would from the provider's template. */
export async function makeCertificate(inputs: Props, template: Template): Promise<State> {
    const { subject, issuer, publicKey, signer } = template;
    if (inputs.isCaCertificate === true && subject.toString() === "")
        throw new Error(
            "Must contain at least one Distinguished Name when creating Certificate Authority (CA)",
        );
    const serial = randomBytes(16).toString("hex");
    const notBefore = new Date();
    const notAfter = new Date(notBefore.getTime() + Number(inputs.validityPeriodHours) * 3_600_000);
    const certificate = await x509.X509CertificateGenerator.create({
        serialNumber: serial,
        subject,
        issuer,
        notBefore,
        notAfter,
        publicKey: publicKey.export({ type: "spki", format: "der" }),
        signingKey: signer.privateKey,
        signingAlgorithm: signingAlgorithm(signer.key) as never,
        extensions: [
            ...usages(texts(inputs.allowedUses)),
            basicConstraints(inputs),
            ...keyIds(inputs, template),
            ...template.alternativeNames,
        ],
    });
    const outputs = {
        certPem: toPem("CERTIFICATE", certificate),
        readyForRenewal: false,
        validityStartTime: time(notBefore),
        validityEndTime: time(notAfter),
    };
    return { id: BigInt(`0x${serial}`).toString(), outputs };
}

function usages(allowed: string[]): x509.Extension[] {
    const flags = allowed.reduce((all, use) => all | (keyUsages[use] ?? 0), 0);
    const extended = allowed.flatMap((use) => extendedKeyUsages[use] ?? []);
    return [
        ...(flags === 0 ? [] : [new x509.KeyUsagesExtension(flags, true)]),
        ...(extended.length === 0 ? [] : [new x509.ExtendedKeyUsageExtension(extended)]),
    ];
}

function basicConstraints({ isCaCertificate, maxPathLength }: Props): x509.Extension {
    const length = typeof maxPathLength === "number" && maxPathLength > 0 ? maxPathLength : undefined;
    return new x509.BasicConstraintsExtension(isCaCertificate === true, length, true);
}

function keyIds(inputs: Props, { subject, issuer, publicKey, signer }: Template): x509.Extension[] {
    const own =
        inputs.isCaCertificate === true || inputs.setSubjectKeyId === true
            ? subjectKeyId(publicKey)
            : undefined;
    const parent = signer.subjectKeyId ?? own;
    const wanted = inputs.setAuthorityKeyId === true || issuer.toString() !== subject.toString();
    if (inputs.setAuthorityKeyId === true && parent === undefined)
        throw new Error("Could not determine Authority Key Identifier");
    return [
        ...(own === undefined ? [] : [new x509.SubjectKeyIdentifierExtension(own)]),
        ...(wanted && parent !== undefined ? [new x509.AuthorityKeyIdentifierExtension(parent)] : []),
    ];
}

function subjectKeyId(key: KeyObject): string {
    const hash = (data: Buffer): string => createHash("sha1").update(data).digest("hex");
    if (key.asymmetricKeyType === "rsa")
        return hash(
            createPublicKey(key.export({ type: "spki", format: "pem" })).export({
                type: "pkcs1",
                format: "der",
            }),
        );
    const jwk = key.export({ format: "jwk" });
    const [x, y] = [Buffer.from(jwk.x ?? "", "base64url"), Buffer.from(jwk.y ?? "", "base64url")];
    // An Ed25519 key is hashed as a DER octet string, an ECDSA key as its uncompressed point.
    return hash(
        Buffer.concat(jwk.kty === "OKP" ? [Buffer.from([0x04, 0x20]), x] : [Buffer.from([0x04]), x, y]),
    );
}

// As Go writes times: no zeros at the end of the fraction.
function time(date: Date): string {
    return date.toISOString().replace(/\.?0*Z$/, "Z");
}

/** Within its last `earlyRenewalHours` a certificate is to be replaced. */
function renewable(olds: Props, earlyRenewalHours: unknown): boolean {
    const end = Date.parse(text(olds.validityEndTime));
    return !Number.isNaN(end) && end - Number(earlyRenewalHours ?? 0) * 3_600_000 <= Date.now();
}

export function renewalDiff({ olds, news }: DiffRequest, details: Record<string, string>): void {
    if (renewable(olds, news.earlyRenewalHours)) details.readyForRenewal = "update-replace";
}

export async function readCertificate(_id: string, olds: Props): Promise<Props> {
    return renewable(olds, olds.earlyRenewalHours) ? { ...olds, readyForRenewal: true } : olds;
}
