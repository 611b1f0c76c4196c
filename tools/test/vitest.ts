import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Counts, finished, StageFailure } from "./commands.ts";
import { readReport } from "./report.ts";

/** Runs one suite; the counts are of single tests. */
export async function vitest(project: string): Promise<Counts> {
    const folder = mkdtempSync(join(tmpdir(), "evenkeel-vitest-"));
    const path = join(folder, "report.json");
    try {
        const args = ["run", `--project=${project}`, "--reporter=default", "--reporter=json"];
        const summary = () => {
            const { passed, longest } = readReport(path);
            return `${passed} passed; longest: ${longest.join(", ")}`;
        };
        const { exitCode, output } = await finished(
            project,
            "vitest",
            [...args, `--outputFile.json=${path}`],
            summary,
        );
        const { passed, failed, failures } = readReport(path);
        if (exitCode === 0) return { passed, failed };
        // A file that does not even load counts no test, and is a failure all the same.
        const counts = { passed, failed: Math.max(failed, 1) };
        const message = `FAILED: ${project} (${counts.failed} of ${passed + counts.failed})`;
        throw new StageFailure([message, ...failures].join("\n  "), output, counts);
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}
