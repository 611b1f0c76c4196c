import { createHash, randomInt } from "node:crypto";
import { bridged } from "../kit/bridged.ts";
import { number, output, replacing, string } from "../kit/fields.ts";
import { text } from "../kit/values.ts";
import { keepers } from "./fields.ts";

export const randomInteger = bridged({
    sdk: "framework",
    fields: {
        keepers,
        max: replacing(number),
        min: replacing(number),
        result: output(number),
        seed: replacing(string),
    },
    async create(inputs) {
        const [min, max, seed] = [Number(inputs.min), Number(inputs.max), text(inputs.seed)];
        if (max < min)
            throw new Error(
                "The minimum (minVal) value needs to be smaller than or equal to maximum (maxVal) value.",
            );
        const result = min + (seed === "" ? randomInt(max - min + 1) : seeded(seed, max - min + 1));
        return { id: String(result), outputs: { ...inputs, result } };
    },
});

// Repeatable, though not the number that Go's generator would give for the same seed.
function seeded(seed: string, range: number): number {
    return Number(createHash("sha256").update(seed).digest().readBigUInt64BE() % BigInt(range));
}
