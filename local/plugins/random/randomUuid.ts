import { randomBytes } from "node:crypto";
import { bridged } from "../kit/bridged.ts";
import { keepers, result } from "./fields.ts";

/** As the official provider: 16 random bytes in the form of a UUID, with no version bits. */
export const randomUuid = bridged({
    sdk: "framework",
    fields: { keepers, result },
    async create(inputs) {
        const uuid = randomBytes(16)
            .toString("hex")
            .replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
        return { id: uuid, outputs: { ...inputs, result: uuid } };
    },
});
