import bcrypt from "bcryptjs";
import { bridged } from "../kit/bridged.ts";
import { plan } from "../kit/fields.ts";
import { result, textFields } from "./fields.ts";
import { numericImplied, randomText, validateText } from "./text.ts";

const fields = {
    ...textFields,
    bcryptHash: { ...result, secret: true },
    result: { ...result, secret: true },
};

export const randomPassword = bridged({
    sdk: "framework",
    fields,
    implied: numericImplied,
    validate: validateText,
    async create(inputs) {
        const password = randomText(inputs);
        // bcrypt looks at no more than 72 bytes, and Go's refuses longer ones; the provider cuts there.
        const hashed = new TextDecoder().decode(Buffer.from(password).subarray(0, 72));
        const bcryptHash = (await bcrypt.hash(hashed, 10)).replace(/^\$2b\$/, "$2a$");
        return { id: "none", outputs: { ...plan(fields, inputs), bcryptHash, result: password } };
    },
});
