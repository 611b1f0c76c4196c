import { createPublicKey } from "node:crypto";
import { bridged } from "../kit/bridged.ts";
import { boolean, output, plan, replacing, string, stringMap, strings } from "../kit/fields.ts";
import { text } from "../kit/values.ts";
import { certificateFields, makeCertificate, pemInput, readCertificate, renewalDiff } from "./certificate.ts";
import { algorithmOf, readPrivateKey } from "./keys.ts";
import { alternativeNames, keyPair, subjectName } from "./x509.ts";

const fields = {
    ...certificateFields,
    dnsNames: replacing(strings),
    ipAddresses: replacing(strings),
    keyAlgorithm: output(string),
    privateKeyPem: { ...pemInput, secret: true },
    setAuthorityKeyId: { ...replacing(boolean), default: false },
    subject: replacing(stringMap),
    uris: replacing(strings),
};

export const selfSignedCert = bridged({
    sdk: "framework",
    fields,
    alsoDiff: renewalDiff,
    read: readCertificate,
    async create(inputs) {
        const key = readPrivateKey(text(inputs.privateKeyPem));
        const subject = subjectName(inputs.subject);
        const { id, outputs } = await makeCertificate(inputs, {
            subject,
            issuer: subject,
            publicKey: createPublicKey(key.export({ type: "pkcs8", format: "pem" })),
            signer: { key, privateKey: (await keyPair(key)).privateKey },
            alternativeNames: alternativeNames(inputs),
        });
        const known = { keyAlgorithm: algorithmOf(key), maxPathLength: inputs.maxPathLength ?? null };
        return { id, outputs: { ...plan(fields, inputs), ...known, ...outputs } };
    },
});
