import { defineConfig } from "vitest/config";

/** Suites by what they need: nothing, the engine, or the engine and hosts of a local cloud. */
export default defineConfig({
    test: {
        projects: [
            {
                test: {
                    name: "unit",
                    include: ["test/unit/**/*.test.ts", "test/graph/**/*.test.ts"],
                    // Each file has modules of its own: Pulumi's runtime is one per process, and mocks replace it.
                    pool: "threads",
                    maxWorkers: "100%",
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
                    // Each file has a cloud of its own, and waits for half of its time. Seconds are measured by bench/.
                    maxWorkers: 2,
                    testTimeout: 600_000,
                    hookTimeout: 1_200_000,
                },
            },
        ],
    },
});
