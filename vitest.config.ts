import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** By size, as usual, but faults first: short files that wait long, of which the last would run alone. */
class LongestFirst extends BaseSequencer {
    override async sort(files: TestSpecification[]) {
        const sorted = await super.sort(files);
        const isFault = ({ moduleId }: TestSpecification) => moduleId.includes("/test/faults/");
        return [...sorted.filter(isFault), ...sorted.filter((file) => !isFault(file))];
    }
}

/** Suites by what they need: nothing, the engine, or the engine and hosts of a local cloud. */
export default defineConfig({
    test: {
        sequence: { sequencer: LongestFirst },
        projects: [
            {
                test: {
                    name: "unit",
                    include: ["test/unit/**/*.test.ts", "test/graph/**/*.test.ts"],
                    // Each file has modules of its own: Pulumi's runtime is one per process, and mocks replace it.
                    pool: "threads",
                    maxWorkers: "100%",
                    // Some run programs for hosts in Python, one after the other, on a machine that may be busy.
                    testTimeout: 30_000,
                    restoreMocks: true,
                },
            },
            {
                test: {
                    name: "preview",
                    include: ["test/preview/**/*.test.ts"],
                    maxWorkers: "100%",
                    testTimeout: 300_000,
                    hookTimeout: 600_000,
                },
            },
            {
                test: {
                    name: "hosts",
                    include: ["test/hosts/**/*.test.ts", "test/faults/**/*.test.ts"],
                    setupFiles: ["test/support/notingWaits.ts"],
                    // Each file has a cloud of its own, and waits for half of its time. Seconds are measured by bench/.
                    maxWorkers: 2,
                    // Vitest's own, one second, is shorter than a busy host may take for one command.
                    expect: { poll: { timeout: 15_000, interval: 200 } },
                    testTimeout: 600_000,
                    hookTimeout: 1_200_000,
                },
            },
        ],
    },
});
