import { ensureEngine } from "../engine/engine.ts";
import { type Counts, noTests, passes } from "./commands.ts";
import { tests } from "./lanes.ts";
import { lint } from "./lint.ts";
import { needsEngine, type Suite, TESTS } from "./suites.ts";

export interface Options {
    all: boolean;
    keep: boolean;
    record: boolean;
}

export interface Stage {
    name: string;
    /** Stages without which this one would test something stale, or nothing. */
    needs?: string[];
    run(): Promise<Counts>;
}

/** Cheap ones first: whatever is wrong shows as early as it can. */
export const stages = (suites: Suite[], options: Options): Stage[] => [
    { name: "build", run: () => passes("build", "node", ["tools/build.ts"]) },
    { name: "lint", needs: ["build"], run: lint },
    { name: "engine", run: engine },
    {
        name: TESTS,
        needs: suites.some(needsEngine) ? ["build", "engine"] : [],
        run: () => tests(suites, options),
    },
];

/** The stages named, with what they need, in their usual order. */
export function chosenStages(all: Stage[], names: string[]): Stage[] {
    const needed = all.filter(({ name }) => names.includes(name)).flatMap(({ needs }) => needs ?? []);
    return all.filter(({ name }) => names.includes(name) || needed.includes(name));
}

async function engine(): Promise<Counts> {
    const { pulumi } = await ensureEngine();
    console.error(`engine: ${pulumi}`);
    return noTests;
}
