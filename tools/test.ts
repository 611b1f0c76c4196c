import { Command } from "commander";
import { elapsed } from "../local/progress.ts";
import { asFullDisk } from "../local/system/fullDisk.ts";
import { Unable } from "../local/system/packages.ts";
import { type Counts, StageFailure } from "./test/commands.ts";
import { checkMachine } from "./test/lanes.ts";
import { chosenStages, type Options, stages } from "./test/stages.ts";
import { FAULTS, partsOf } from "./test/suites.ts";

const program = new Command("npm test --")
    .description("Runs what `npm test` promises: everything but the long suites, in at most 25 minutes.")
    .argument(
        "[parts...]",
        "such as lint, unit or preview; hosts, or one stack of test/README.md; a file or folder of test/",
    )
    .option("--all", `the long suites too (npm run test:all); "${FAULTS}" is a part then`, false)
    .option("--keep", "leave the stacks' hosts up: the next run of a stack begins within seconds", false)
    .option("--record", "write where the time went to docs/testing.md and test/README.md", false)
    .action(run);

await program.parseAsync();

async function run(words: string[], options: Options): Promise<void> {
    const started = Date.now();
    const total = { passed: 0, failed: 0 };
    const add = (counts: Counts) => {
        total.passed += counts.passed;
        total.failed += counts.failed;
    };
    try {
        const names = stages([], options).map(({ name }) => name);
        const parts = partsOf(words, options.all, names);
        const chosen = chosenStages(stages(parts.suites, options), parts.stages);
        if (options.record && !(options.all && words.length === 0))
            throw new Unable("only a whole run can be recorded: npm run test:all -- --record");
        await checkMachine(parts.suites);
        for (const stage of chosen) add(await stage.run());
    } catch (failure) {
        process.exitCode = 1;
        const error = asFullDisk(failure);
        // What the machine or the words do not allow.
        if (error instanceof Unable) return console.error(error.message);
        const { message } = error as Error;
        const known = error instanceof StageFailure ? error : new StageFailure(message, "");
        add(known.counts);
        console.error(`${known.output}\n\n${message}`);
    }
    console.error(`after ${elapsed(Date.now() - started)}`);
    console.log(`${total.passed} passed, ${total.failed} failed`);
}
