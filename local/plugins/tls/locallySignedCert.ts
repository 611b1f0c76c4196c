import { createPublicKey } from "node:crypto";
import { x509 } from "../../authority/library.ts";
import { bridged } from "../kit/bridged.ts";
import { output, plan, string } from "../kit/fields.ts";
import { text } from "../kit/values.ts";
import { certificateFields, makeCertificate, pemInput, readCertificate, renewalDiff } from "./certificate.ts";
import { algorithmOf, readPrivateKey } from "./keys.ts";
import { keyPair } from "./x509.ts";

const fields = {
    ...certificateFields,
    caCertPem: pemInput,
    caKeyAlgorithm: output(string),
    caPrivateKeyPem: { ...pemInput, secret: true },
    certRequestPem: pemInput,
};

export const locallySignedCert = bridged({
    sdk: "framework",
    fields,
    alsoDiff: renewalDiff,
    read: readCertificate,
    async create(inputs) {
        const request = new x509.Pkcs10CertificateRequest(text(inputs.certRequestPem));
        const authority = new x509.X509Certificate(text(inputs.caCertPem));
        const key = readPrivateKey(text(inputs.caPrivateKeyPem));
        const subjectKeyId = authority.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId;
        const publicKey = Buffer.from(request.publicKey.rawData);
        const { id, outputs } = await makeCertificate(inputs, {
            subject: request.subjectName,
            issuer: authority.subjectName,
            publicKey: createPublicKey({ key: publicKey, type: "spki", format: "der" }),
            signer: {
                key,
                privateKey: (await keyPair(key)).privateKey,
                ...(subjectKeyId ? { subjectKeyId } : {}),
            },
            alternativeNames: request.extensions.filter(({ type }) => type === "2.5.29.17"),
        });
        const known = { caKeyAlgorithm: algorithmOf(key), maxPathLength: inputs.maxPathLength ?? null };
        return { id, outputs: { ...plan(fields, inputs), ...known, ...outputs } };
    },
});
