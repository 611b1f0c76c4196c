import { execa } from "execa";
import { headline } from "../../local/progress.ts";
import { checkout } from "../paths.ts";

export interface Counts {
    passed: number;
    failed: number;
}

/** Of a stage that is not made of tests. */
export const noTests: Counts = { passed: 0, failed: 0 };

/** A stage that did not pass: the message says which, the output why. */
export class StageFailure extends Error {
    readonly output: string;
    readonly counts: Counts;

    constructor(message: string, output: string, counts: Counts = { passed: 0, failed: 1 }) {
        super(message);
        this.output = output;
        this.counts = counts;
    }
}

export interface Finished {
    exitCode: number;
    output: string;
}

/** Runs a program of the checkout under a live headline; its output is kept for the case that it fails. */
export async function finished(
    title: string,
    command: string,
    args: string[],
    success = () => "ok",
): Promise<Finished> {
    const progress = headline(title);
    const run = execa(command, args, {
        cwd: checkout,
        preferLocal: true,
        stdin: "ignore",
        all: true,
        reject: false,
        maxBuffer: 100_000_000,
    });
    // What every file of tests begins with would stand there for minutes.
    run.all.on("data", (chunk) => progress.detail(String(chunk).replaceAll(/^.*plugins: .*$/gm, "")));
    const result = await run;
    progress.end(result.exitCode === 0 ? success() : "FAILED");
    return { exitCode: result.exitCode ?? 1, output: result.all || result.shortMessage || "" };
}

/** As `finished`, for programs whose failure is the stage's. */
export async function passes(title: string, command: string, args: string[]): Promise<Counts> {
    const { exitCode, output } = await finished(title, command, args);
    if (exitCode !== 0) throw new StageFailure(`FAILED: ${title} (${[command, ...args].join(" ")})`, output);
    return noTests;
}
