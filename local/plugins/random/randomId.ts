import { randomBytes } from "node:crypto";
import { bridged } from "../kit/bridged.ts";
import { number, replacing, string } from "../kit/fields.ts";
import { text } from "../kit/values.ts";
import { keepers, result } from "./fields.ts";

export const randomId = bridged({
    sdk: "framework",
    fields: {
        b64Std: result,
        b64Url: result,
        byteLength: replacing(number),
        dec: result,
        hex: result,
        keepers,
        prefix: replacing(string),
    },
    async create(inputs) {
        const bytes = randomBytes(Number(inputs.byteLength));
        const id = bytes.toString("base64url");
        const prefix = text(inputs.prefix);
        const outputs = {
            ...inputs,
            b64Std: prefix + bytes.toString("base64"),
            b64Url: prefix + id,
            dec: prefix + BigInt(`0x0${bytes.toString("hex")}`).toString(),
            hex: prefix + bytes.toString("hex"),
        };
        return { id, outputs };
    },
});
