/** A document in which the part under one heading is written anew; a part that was not there comes last. */
export function withSection(document: string, heading: string, text: string): string {
    const part = `## ${heading}\n\n${text.trim()}\n`;
    const parts = document.split(/^(?=## )/m).map((each) => `${each.trim()}\n`);
    const index = parts.findIndex((each) => each.startsWith(`## ${heading}\n`));
    return (index < 0 ? [...parts, part] : parts.with(index, part)).join("\n");
}
