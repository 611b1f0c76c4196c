import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Counts, finished, StageFailure } from "./commands.ts";

/** Runs one suite; the counts are of single tests. */
export async function vitest(project: string): Promise<Counts> {
    const folder = mkdtempSync(join(tmpdir(), "evenkeel-vitest-"));
    const report = join(folder, "report.json");
    try {
        const { exitCode, output } = await finished(project, "vitest", [
            "run",
            `--project=${project}`,
            "--reporter=default",
            "--reporter=json",
            `--outputFile.json=${report}`,
        ]);
        const counts = countsIn(readReport(report));
        if (exitCode === 0) {
            console.error(`${project}: ${counts.passed} passed`);
            return counts;
        }
        // A file that does not even load counts no test, and is a failure all the same.
        const failed = Math.max(counts.failed, 1);
        throw new StageFailure(`FAILED: ${project} (${failed} of ${counts.passed + failed})`, output, {
            ...counts,
            failed,
        });
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}

function countsIn(report: { numPassedTests?: number; numFailedTests?: number }): Counts {
    return { passed: report.numPassedTests ?? 0, failed: report.numFailedTests ?? 0 };
}

function readReport(file: string): Parameters<typeof countsIn>[0] {
    try {
        return JSON.parse(readFileSync(file, "utf8"));
    } catch {
        return {};
    }
}
