import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Counts, finished, noTests, StageFailure } from "./commands.ts";

/** Runs one suite; the counts are of single tests. */
export async function vitest(project: string): Promise<Counts> {
    const folder = mkdtempSync(join(tmpdir(), "evenkeel-vitest-"));
    const report = join(folder, "report.json");
    try {
        const counts = () => countsIn(report);
        const args = ["run", `--project=${project}`, "--reporter=default", "--reporter=json"];
        const { exitCode, output } = await finished(
            project,
            "vitest",
            [...args, `--outputFile.json=${report}`],
            () => `${counts().passed} passed`,
        );
        if (exitCode === 0) return counts();
        // A file that does not even load counts no test, and is a failure all the same.
        const { passed, failed } = { passed: counts().passed, failed: Math.max(counts().failed, 1) };
        const message = `FAILED: ${project} (${failed} of ${passed + failed})`;
        throw new StageFailure(message, output, { passed, failed });
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}

function countsIn(report: string): Counts {
    try {
        const { numPassedTests = 0, numFailedTests = 0 } = JSON.parse(readFileSync(report, "utf8"));
        return { passed: numPassedTests, failed: numFailedTests };
    } catch {
        return noTests;
    }
}
