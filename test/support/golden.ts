/** The engine's text without what differs from run to run: ids, URNs, durations, progress dots. */
export function asGolden(output: string): string {
    return output
        .split("\n")
        .filter((line) => !/^\s*\[(urn|provider|id)=|^Duration:|^@ |^\s*warning: |^plugins: /.test(line))
        .map((line) => line.replace(/\b[0-9a-f]{8}-[0-9a-f-]{27}\b/g, "<uuid>").trimEnd())
        .map((line) => line.replace(/\bmachine \d+$/, "machine <id>"))
        .join("\n")
        .replace(/\n{3,}/g, "\n\n")
        .trim();
}

/** The same for the tree that `preview` prints: its lines come in the order of events, so they are sorted here. */
export function treeAsGolden(output: string): string {
    const lines = asGolden(output).split("\n");
    const isResource = (line: string) => /^ [+~-]/.test(line) && line.includes(":");
    const sorted = lines.filter(isResource).sort((a, b) => a.slice(4).localeCompare(b.slice(4)));
    return lines.map((line) => (isResource(line) ? sorted.shift() : line)).join("\n");
}

/** What `preview --diff` prints of each resource, as `asGolden` has it: they come in the order of events, so they are sorted here. */
export function diffsAsGolden(output: string): { resources: string[]; summary: string } {
    const [diffs, summary] = asGolden(output).split(/^Resources:\n/m);
    const resources = diffs!.split(/\n(?=\s+[+~-] \S+: \((?:create|update|delete|replace)\))/).slice(1);
    return { resources: resources.map((each) => each.trimEnd()).sort(), summary: summary!.trim() };
}
