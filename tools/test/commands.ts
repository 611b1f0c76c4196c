import { join } from "node:path";
import { execa } from "execa";
import { cacheDirectory } from "../../local/directories.ts";
import { headline } from "../../local/progress.ts";
import { checkout } from "../paths.ts";

export interface Counts {
    passed: number;
    failed: number;
}

/** Where Node keeps modules as it has compiled them: half of what a program of Pulumi's takes to begin. */
const COMPILED = join(cacheDirectory(), "compiled");

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

/** Runs a program of the checkout, and tells what it says as it goes; its output is kept for the case that it fails. */
export async function run(
    command: string,
    args: string[],
    said: (text: string) => void,
    env: Record<string, string> = {},
): Promise<Finished> {
    const program = execa(command, args, {
        cwd: checkout,
        env: { NODE_COMPILE_CACHE: COMPILED, ...env },
        preferLocal: true,
        stdin: "ignore",
        all: true,
        reject: false,
        maxBuffer: 100_000_000,
    });
    // What every file of tests begins with would stand there for minutes.
    program.all.on("data", (chunk) =>
        said(String(chunk).replaceAll(/^.*(plugins: |std(err|out) \|).*$/gm, "")),
    );
    const { exitCode, all, shortMessage } = await program;
    return { exitCode: exitCode ?? 1, output: all || shortMessage || "" };
}

/** As `run`, under a live headline. */
async function finished(
    title: string,
    command: string,
    args: string[],
    success = () => "ok",
): Promise<Finished> {
    const progress = headline(title);
    const result = await run(command, args, progress.detail);
    progress.end(result.exitCode === 0 ? success() : "FAILED");
    return result;
}

/** As `finished`, for programs whose failure is the stage's. */
export async function passes(title: string, command: string, args: string[]): Promise<Counts> {
    const { exitCode, output } = await finished(title, command, args);
    if (exitCode !== 0) throw new StageFailure(`FAILED: ${title} (${[command, ...args].join(" ")})`, output);
    return noTests;
}
