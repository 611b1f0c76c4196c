/** Median, least and greatest. */
export function spread(values: number[]): [number, number, number] {
    const sorted = values.toSorted((one, other) => one - other);
    return [sorted[Math.floor(sorted.length / 2)]!, sorted[0]!, sorted.at(-1)!];
}

/** A report of several parts, each under a heading of its own, with one part written anew. */
export function inReport(report: string, heading: string, text: string): string {
    const [title = "", ...parts] = report.split(/^(?=## )/m);
    const part = `## ${heading}\n\n${text.trim()}\n`;
    const others = parts
        .filter((each) => !each.startsWith(`## ${heading}\n`))
        .map((each) => `${each.trim()}\n`);
    const all = [...others, part].sort((one, other) => order(one) - order(other));
    return [`${title.trim()}\n`, ...all].join("\n");
}

const HEADINGS = ["LoadBalancerPair", "GaleraCluster"];
const order = (part: string) => HEADINGS.findIndex((heading) => part.startsWith(`## ${heading}\n`));
