import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "../../tools/paths.ts";

export const readme = readFileSync(join(checkout, "README.md"), "utf8");

/** The README's blocks of one language, in order. */
export function blocks(language: string): string[] {
    const found = readme.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"));
    return [...found].map(([, text]) => text!);
}

/** The commands in a block of shell, without comments. */
export const commandsIn = (block: string): string[] =>
    block
        .trim()
        .split("\n")
        .map((line) => line.replace(/\s+#.*/, ""));
