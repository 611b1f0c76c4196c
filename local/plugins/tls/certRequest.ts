import { x509 } from "../../authority/library.ts";
import { bridged } from "../kit/bridged.ts";
import { output, plan, replacing, string, stringMap, strings } from "../kit/fields.ts";
import { text } from "../kit/values.ts";
import { pemInput } from "./certificate.ts";
import { algorithmOf, idOf, readPrivateKey } from "./keys.ts";
import { alternativeNames, keyPair, signingAlgorithm, subjectName, toPem } from "./x509.ts";

const fields = {
    certRequestPem: output(string),
    dnsNames: replacing(strings),
    ipAddresses: replacing(strings),
    keyAlgorithm: output(string),
    privateKeyPem: { ...pemInput, secret: true },
    subject: replacing(stringMap),
    uris: replacing(strings),
};

export const certRequest = bridged({
    sdk: "framework",
    fields,
    async create(inputs) {
        const key = readPrivateKey(text(inputs.privateKeyPem));
        const request = await x509.Pkcs10CertificateRequestGenerator.create({
            name: subjectName(inputs.subject).toJSON(),
            keys: await keyPair(key),
            signingAlgorithm: signingAlgorithm(key) as never,
            extensions: alternativeNames(inputs),
        });
        const made = {
            certRequestPem: toPem("CERTIFICATE REQUEST", request),
            keyAlgorithm: algorithmOf(key),
        };
        return { id: idOf(Buffer.from(request.rawData)), outputs: { ...plan(fields, inputs), ...made } };
    },
});
