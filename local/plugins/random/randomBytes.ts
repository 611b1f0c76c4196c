import { randomBytes as bytesOf } from "node:crypto";
import { bridged } from "../kit/bridged.ts";
import { number, replacing } from "../kit/fields.ts";
import { keepers, result } from "./fields.ts";

export const randomBytes = bridged({
    sdk: "framework",
    fields: {
        base64: { ...result, secret: true },
        hex: { ...result, secret: true },
        keepers,
        length: replacing(number),
    },
    async create(inputs) {
        const bytes = bytesOf(Number(inputs.length));
        const base64 = bytes.toString("base64");
        // The official plugin does so too, secret or not.
        return { id: base64, outputs: { ...inputs, base64, hex: bytes.toString("hex") } };
    },
});
