import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "../../tools/paths.ts";

const textOf = (file: string) => readFileSync(join(checkout, file), "utf8");

export const readme = textOf("README.md");

/** Everything that is written for readers. */
export const documents = ["README.md", "docs/*.md", "examples/*/README.md"]
    .flatMap((pattern) => globSync(pattern, { cwd: checkout }))
    .sort();

/** A text's blocks of one language, in order. */
export function blocks(language: string, text = readme): string[] {
    const found = text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"));
    return [...found].map(([, block]) => block!);
}

/** The commands in a block of shell, without comments. */
export const commandsIn = (block: string): string[] =>
    block
        .trim()
        .split("\n")
        .map((line) => line.replace(/\s+#.*/, ""));

/** The commands that a document shows: each line of its shell, and what stands in running text with words after it. */
export function commandsShown(document: string): string[] {
    const text = textOf(document);
    // What stands first in the line of a table is what somebody sees, not what to do.
    const running = text.replace(/^```[\s\S]*?^```$/gm, "").replace(/^\| .*? \|/gm, "");
    const inline = [...running.matchAll(/`((?:[A-Z_]+=[^\s`]+ )?[a-z/][\w./-]* [^`]+)`/g)];
    const all = [...blocks("sh", text).flatMap(commandsIn), ...inline.map(([, command]) => command!)];
    return [...new Set(all.flatMap((line) => line.split(" && ")))];
}
