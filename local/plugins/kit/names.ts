import { createHash, randomBytes } from "node:crypto";

export function uniqueHex(prefix: string, length: number): string {
    return prefix + randomBytes(length).toString("hex").slice(0, length);
}

/** The engine gives the same seed to preview and update, so the name that a preview shows is the one that comes. */
export function autoname(resourceName: string, seed: Uint8Array): string {
    if (seed.length === 0) return uniqueHex(`${resourceName}-`, 7);
    const digest = createHash("sha256").update(seed).update(resourceName).digest("hex");
    return `${resourceName}-${digest.slice(0, 7)}`;
}

/** Go's %q, which the official providers use in their error texts. */
export function goQuote(text: string): string {
    const short: Record<string, string> = {
        '"': '\\"',
        "\\": "\\\\",
        "\n": "\\n",
        "\r": "\\r",
        "\t": "\\t",
        "\x07": "\\a",
        "\b": "\\b",
        "\f": "\\f",
        "\v": "\\v",
    };
    let quoted = "";
    for (const char of text) {
        const code = char.codePointAt(0) ?? 0;
        if (short[char] !== undefined) quoted += short[char];
        else if (code < 0x20 || code === 0x7f) quoted += `\\x${code.toString(16).padStart(2, "0")}`;
        else quoted += printable.test(char) ? char : escapeCode(code);
    }
    return `"${quoted}"`;
}

// What Go's strconv.IsPrint accepts: letters, marks, numbers, punctuation, symbols and the plain space.
const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

function escapeCode(code: number): string {
    return code > 0xffff
        ? `\\U${code.toString(16).padStart(8, "0")}`
        : `\\u${code.toString(16).padStart(4, "0")}`;
}
