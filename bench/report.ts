import { readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg, release } from "node:os";
import { join } from "node:path";
import { checkout } from "../tools/paths.ts";
import { withSection } from "../tools/sections.ts";

/** What was measured of each failure, in the order in which they are told, and the machine's loads meanwhile. */
export interface Rounds<Failure, Measured> {
    measured: Map<Failure, Measured[]>;
    loads: number[];
}

/** Makes each failure, then each of them again, as often as there are rounds. */
export async function inRounds<Failure extends { name: string }, Measured extends { gapMs: number }>(
    rounds: number,
    failures: Failure[],
    measure: (failure: Failure, round: number) => Promise<Measured>,
): Promise<Rounds<Failure, Measured>> {
    const measured = new Map<Failure, Measured[]>(failures.map((failure) => [failure, []]));
    const loads: number[] = [];
    for (let round = 1; round <= rounds; round++) {
        for (const failure of failures) {
            loads.push(loadavg()[0]!);
            const one = await measure(failure, round);
            measured.get(failure)!.push(one);
            console.error(`${round} of ${rounds}: ${failure.name}: ${one.gapMs} ms`);
        }
    }
    return { measured, loads };
}

/** The machine that a table comes from. */
export function machine(loads: number[]): string {
    const [median, least, greatest] = spread(loads).map((value) => value.toFixed(1));
    return `Machine: ${cpus().length} processors (${cpus()[0]!.model.trim()}) shared by all hosts and the client, Linux ${release()}, load ${median} (median; ${least} to ${greatest}).`;
}

/** Writes one part of docs/failures.md anew. */
export const reportFailures = (heading: string, text: string) =>
    writeReport("docs/failures.md", heading, text);

/** Writes one part of docs/benchmarks.md anew. */
export const reportBenchmark = (heading: string, text: string) =>
    writeReport("docs/benchmarks.md", heading, text);

function writeReport(path: string, heading: string, text: string): void {
    const file = join(checkout, path);
    const report = withSection(readFileSync(file, "utf8"), heading, text);
    writeFileSync(file, report);
    console.log(report);
}

/** Median, least and greatest. */
export function spread(values: number[]): [number, number, number] {
    const sorted = values.toSorted((one, other) => one - other);
    return [sorted[Math.floor(sorted.length / 2)]!, sorted[0]!, sorted.at(-1)!];
}

/** A row of least, median and greatest; what has no unit is a ratio. */
export function row(title: string, values: number[], unit = " s"): string {
    const [median, min, max] = spread(values);
    const cells = [min, median, max].map((value) => `${value.toFixed(unit ? 1 : 2)}${unit}`);
    return `| ${title} | ${cells.join(" | ")} |`;
}
