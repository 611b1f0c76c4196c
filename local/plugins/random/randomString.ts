import { bridged } from "../kit/bridged.ts";
import { plan } from "../kit/fields.ts";
import { result, textFields } from "./fields.ts";
import { numericImplied, randomText, validateText } from "./text.ts";

const fields = { ...textFields, result };

export const randomString = bridged({
    sdk: "framework",
    fields,
    implied: numericImplied,
    validate: validateText,
    async create(inputs) {
        const text = randomText(inputs);
        return { id: text, outputs: { ...plan(fields, inputs), result: text } };
    },
});
