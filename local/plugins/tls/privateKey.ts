import { generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { bridged } from "../kit/bridged.ts";
import { type Field, number, output, plan, replacing, string } from "../kit/fields.ts";
import type { CheckFailure } from "../kit/resource.ts";
import { isUnknown, type Props, text } from "../kit/values.ts";
import { algorithmOf, publicOutputs } from "./keys.ts";
import { toOpenssh } from "./openssh.ts";

const generate = promisify(generateKeyPair);
const secretText: Field = { ...output(string), secret: true };
const curves: Record<string, string> = {
    P224: "secp224r1",
    P256: "prime256v1",
    P384: "secp384r1",
    P521: "secp521r1",
};

const fields = {
    algorithm: replacing(string),
    ecdsaCurve: { ...replacing(string), default: "P224" },
    privateKeyOpenssh: secretText,
    privateKeyPem: secretText,
    privateKeyPemPkcs8: secretText,
    publicKeyFingerprintMd5: output(string),
    publicKeyFingerprintSha256: output(string),
    publicKeyOpenssh: output(string),
    publicKeyPem: output(string),
    rsaBits: { ...replacing(number), default: 2048 },
};

export const privateKey = bridged({
    sdk: "framework",
    fields,
    validate: (inputs) => [
        ...oneOf("algorithm", inputs, ["RSA", "ECDSA", "ED25519"]),
        ...oneOf("ecdsaCurve", inputs, Object.keys(curves)),
    ],
    async create(inputs) {
        const planned = plan(fields, inputs);
        const key = await newKey(planned);
        const { id, outputs } = publicOutputs(key);
        const type = { RSA: "pkcs1", ECDSA: "sec1", ED25519: "pkcs8" } as const;
        const privateOutputs = {
            privateKeyPem: String(key.export({ type: type[algorithmOf(key)] as "pkcs8", format: "pem" })),
            privateKeyPemPkcs8: String(key.export({ type: "pkcs8", format: "pem" })),
            privateKeyOpenssh: toOpenssh(key),
        };
        return { id, outputs: { ...planned, ...privateOutputs, ...outputs } };
    },
});

async function newKey({ algorithm, rsaBits, ecdsaCurve }: Props): Promise<KeyObject> {
    if (algorithm === "ED25519") return (await generate("ed25519")).privateKey;
    if (algorithm === "RSA") return (await generate("rsa", { modulusLength: Number(rsaBits) })).privateKey;
    return (await generate("ec", { namedCurve: curves[text(ecdsaCurve)] ?? "" })).privateKey;
}

function oneOf(property: string, inputs: Props, allowed: string[]): CheckFailure[] {
    const value = inputs[property];
    if (value === undefined || isUnknown(value) || allowed.includes(text(value))) return [];
    const choices = allowed.map((choice) => JSON.stringify(choice)).join(" ");
    return [{ property, reason: `value must be one of: [${choices}], got: ${JSON.stringify(value)}` }];
}
