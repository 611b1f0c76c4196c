import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { STACKS } from "./test/stacks.ts";

const isOnHosts = ({ project }: TestSpecification) => STACKS.some(({ name }) => name === project.name);

/** On hosts by name, the same in every run, though each file leaves its stack as it was. */
class ByName extends BaseSequencer {
    override async sort(files: TestSpecification[]) {
        const sorted = await super.sort(files);
        const onHosts = sorted.filter(isOnHosts);
        const others = sorted.filter((file) => !isOnHosts(file));
        return [
            ...others.filter(takesMinutes),
            ...others.filter((file) => !takesMinutes(file)),
            ...onHosts.toSorted(
                (one, other) => rank(one) - rank(other) || one.moduleId.localeCompare(other.moduleId),
            ),
        ];
    }
}

/** What runs longest begins first, or it would run alone in the end. */
const takesMinutes = ({ moduleId }: TestSpecification) => /\/odd\w+/.test(moduleId);

/** What journals say of a birth is gone once disks have been full. */
const rank = ({ moduleId }: TestSpecification) => (moduleId.includes("atBirth") ? 0 : 1);

/** What every test on hosts has; seconds are measured by bench/. */
const onHosts = {
    setupFiles: ["test/support/noteSpending.ts"],
    // Vitest's own, one second, is shorter than a busy host may take for one command.
    expect: { poll: { timeout: 15_000, interval: 200 } },
    testTimeout: 600_000,
    hookTimeout: 1_200_000,
    // One file after the other: they share hosts, or their machine.
    fileParallelism: false,
};

/** Suites by what they need: nothing, the engine, or hosts of a local cloud, a suite for each stack of test/README.md. */
export default defineConfig({
    test: {
        sequence: { sequencer: ByName },
        projects: [
            {
                test: {
                    name: "unit",
                    include: ["test/unit/**/*.test.ts", "test/graph/**/*.test.ts"],
                    pool: "threads",
                    // Modules are loaded once: for each file anew, that was a quarter of the time.
                    isolate: false,
                    // They wait half of their time, for programs for hosts.
                    maxWorkers: 2 * availableParallelism(),
                    // Some run programs for hosts in Python, one after the other, on a machine that may be busy.
                    testTimeout: 30_000,
                    // What a file replaces is put back before the next one.
                    restoreMocks: true,
                    unstubEnvs: true,
                    unstubGlobals: true,
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
            ...STACKS.map(({ name, isShared }) => ({
                test: {
                    ...onHosts,
                    name,
                    include: [`test/hosts/${name}/**/*.test.ts`, `test/faults/${name}/**/*.test.ts`],
                    globalSetup: [
                        "test/support/endWithRunner.ts",
                        ...(isShared ? [`test/hosts/${name}/stack.ts`] : []),
                    ],
                },
            })),
        ],
    },
});
