import { invalid } from "./errors.ts";

/** The text that a client sent in base64. */
export function fromBase64(encoded: string, name: string): string {
    const bytes = Buffer.from(encoded, "base64");
    const isWhole =
        bytes.toString("base64").replace(/=+$/, "") === encoded.replace(/\s/g, "").replace(/=+$/, "");
    if (!isWhole) throw invalid(`${name} must be base64 encoded`);
    return bytes.toString();
}
