import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Counts, StageFailure } from "./commands.ts";
import { readReport, reasonsIn } from "./report.ts";

/** What a suite that passed is told by. */
export function reported(path: string): string {
    const { passed, longest } = readReport(path);
    return `${passed} passed; longest: ${longest.join(", ")}`;
}

/** Does the work with a path for a report that is gone afterwards. */
export async function withReport<Result>(work: (path: string) => Promise<Result>): Promise<Result> {
    const folder = mkdtempSync(join(tmpdir(), "evenkeel-vitest-"));
    try {
        return await work(join(folder, "report.json"));
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}

export const vitestArguments = (project: string, report: string) => [
    "run",
    `--project=${project}`,
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
];

/** The counts of a suite that passed, or its failure. */
export function verdict(project: string, exitCode: number, output: string, report: string): Counts {
    const { passed, failed, failures } = readReport(report, output);
    if (exitCode === 0) return { passed, failed };
    // A file that does not even load counts no test, and is a failure all the same.
    const counts = { passed, failed: Math.max(failed, 1) };
    const message = `FAILED: ${project} (${counts.failed} of ${passed + counts.failed})`;
    const reasons = failures.length > 0 ? failures : reasonsIn(output);
    throw new StageFailure([message, ...reasons].join("\n  "), output, counts);
}
