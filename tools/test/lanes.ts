import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { withLock } from "../../local/lock.ts";
import { ensureImage } from "../../local/machines/image.ts";
import { elapsed, type Headline, headline, lastLine } from "../../local/progress.ts";
import { checkSystem, prepareSystem } from "../../local/system/packages.ts";
import { checkRoom } from "../../local/system/room.ts";
import { type Counts, run, StageFailure } from "./commands.ts";
import { record } from "./record.ts";
import type { Options } from "./stages.ts";
import { apart, isOnHosts, type Suite } from "./suites.ts";
import { reported, verdict, vitestArguments, withReport } from "./vitest.ts";

/** Stacks at once: four take a file half as long again, and all of them no less time than three. */
const LANES = 3;

/** The largest stack's, with those that its tests make. */
const HOSTS_OF_A_STACK = 7;

/** Refuses what this machine cannot do, before anything has begun. */
export async function checkMachine(suites: Suite[]): Promise<void> {
    const stacks = suites.filter(isOnHosts).length;
    if (stacks === 0) return;
    checkSystem();
    await checkRoom({ hosts: HOSTS_OF_A_STACK * Math.min(LANES, stacks) });
}

/** Runs suites: those without hosts first, then those on hosts beside each other, all of them to their ends. */
export async function tests(suites: Suite[], options: Options): Promise<Counts> {
    if (!suites.some(isOnHosts)) return inLanes(suites, {});
    return withLock("tests", "another run of the tests on hosts", async () => {
        await prepareSystem();
        await ensureImage();
        return withSpending(async (spending) => {
            const env = { EVENKEEL_SPENDING: spending, ...(options.keep ? { EVENKEEL_KEEP: "1" } : {}) };
            try {
                return await inLanes(suites, env);
            } finally {
                // A failure is no reason to measure an hour once more.
                if (options.record && existsSync(spending)) record(spending);
            }
        });
    });
}

async function withSpending<Result>(work: (path: string) => Promise<Result>): Promise<Result> {
    const folder = mkdtempSync(join(tmpdir(), "evenkeel-spending-"));
    try {
        return await work(join(folder, "spending.jsonl"));
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}

async function inLanes(suites: Suite[], env: Record<string, string>): Promise<Counts> {
    const progress = headline("tests");
    const outcomes: (Counts | StageFailure)[] = [];
    const lane = async (queue: Iterable<Suite>) => {
        for (const suite of queue) outcomes.push(await outcomeOf(suite, env, progress));
    };
    const onHosts = apart(suites.filter(isOnHosts)).values();
    // Alone: beside hosts unit tests take four times as long, and some of them longer than they may.
    await lane(suites.filter((suite) => !isOnHosts(suite)));
    // Whatever is wrong shows as early as it can.
    const isFine = !outcomes.some((outcome) => outcome instanceof StageFailure);
    if (isFine) await Promise.all(Array.from({ length: LANES }, () => lane(onHosts)));
    const failures = outcomes.filter((outcome) => outcome instanceof StageFailure);
    const total = outcomes.map((outcome) => ("counts" in outcome ? outcome.counts : outcome)).reduce(sum);
    progress.end(failures.length > 0 ? "FAILED" : `${total.passed} passed`);
    if (failures.length === 0) return total;
    const messages = failures.map(({ message }) => message).join("\n");
    throw new StageFailure(messages, failures.map(({ output }) => output).join("\n"), total);
}

/** One suite; its failure is an answer too, as the others go on. */
async function outcomeOf(
    { project, filters, excluded }: Suite,
    env: Record<string, string>,
    progress: Headline,
): Promise<Counts | StageFailure> {
    const started = Date.now();
    // A file that has hosts of its own is told by its name.
    const name = filters.length === 1 ? `${project}  ${basename(filters[0]!, ".test.ts")}` : project;
    const ended = (word: string) => progress.lasting(`${name}  ${elapsed(Date.now() - started)}  ${word}`);
    const said = (text: string) => {
        const line = lastLine(text);
        if (line) progress.detail(`${project}: ${line}`);
    };
    return withReport(async (report) => {
        const excludes = excluded.map((glob) => `--exclude=${glob}`);
        const args = [...vitestArguments(project, report), ...excludes, ...filters];
        const { exitCode, output } = await run("vitest", args, said, env);
        try {
            const counts = verdict(project, exitCode, output, report);
            ended(isOnHosts({ project }) ? `${counts.passed} passed` : reported(report));
            return counts;
        } catch (error) {
            if (!(error instanceof StageFailure)) throw error;
            // What is wrong is told at once, as the others may take an hour yet.
            ended(error.message);
            return error;
        }
    });
}

const sum = (one: Counts, other: Counts): Counts => ({
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
});
