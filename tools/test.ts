import { elapsed } from "../local/progress.ts";
import { type Counts, StageFailure } from "./test/commands.ts";
import { chosenStages, stages } from "./test/stages.ts";

const started = Date.now();
const total = { passed: 0, failed: 0 };
try {
    for (const stage of chosenStages(stages, process.argv.slice(2))) {
        add(await stage.run());
    }
} catch (error) {
    const { message } = error as Error;
    const known = error instanceof StageFailure ? error : new StageFailure(message, "");
    add(known.counts);
    console.error(`${known.output}\n\n${message}`);
    process.exitCode = 1;
}
console.error(`after ${elapsed(Date.now() - started)}`);
console.log(`${total.passed} passed, ${total.failed} failed`);

function add(counts: Counts): void {
    total.passed += counts.passed;
    total.failed += counts.failed;
}
