import { mkdtempSync, rmSync } from "node:fs";
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

type Outcome = Counts | StageFailure;
const isFailure = (outcome: Outcome): outcome is StageFailure => outcome instanceof StageFailure;

/** Runs suites: those without hosts first, then those on hosts beside each other, all of them to their ends. */
export async function tests(suites: Suite[], options: Options): Promise<Counts> {
    // Alone: beside hosts unit tests take four times as long, and some of them longer than they may.
    const quick = await inLanes(
        "tests",
        suites.filter((suite) => !isOnHosts(suite)),
        1,
    );
    const onHosts = suites.filter(isOnHosts);
    // Whatever is wrong shows as early as it can, and before a host is made.
    if (onHosts.length === 0 || quick.some(isFailure)) return verdictOf(quick);
    return verdictOf([...quick, ...(await testsOnHosts(onHosts, options))]);
}

const testsOnHosts = (suites: Suite[], options: Options): Promise<Outcome[]> =>
    withLock("tests", "another run of the tests on hosts", async () => {
        await prepareSystem();
        await ensureImage();
        return withSpending(async (spending) => {
            const env = { EVENKEEL_SPENDING: spending, ...(options.keep ? { EVENKEEL_KEEP: "1" } : {}) };
            const outcomes = await inLanes("tests on hosts", apart(suites), LANES, env);
            // A failure is no reason to measure an hour once more.
            if (options.record) record(spending);
            return outcomes;
        });
    });

async function withSpending<Result>(work: (path: string) => Promise<Result>): Promise<Result> {
    const folder = mkdtempSync(join(tmpdir(), "evenkeel-spending-"));
    try {
        return await work(join(folder, "spending.jsonl"));
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}

async function inLanes(
    name: string,
    suites: Suite[],
    lanes: number,
    env: Record<string, string> = {},
): Promise<Outcome[]> {
    if (suites.length === 0) return [];
    const progress = headline(name);
    const outcomes: Outcome[] = [];
    const queue = suites.values();
    const lane = async () => {
        for (const suite of queue) outcomes.push(await outcomeOf(suite, env, progress));
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    progress.end(outcomes.some(isFailure) ? "FAILED" : `${totalOf(outcomes).passed} passed`);
    return outcomes;
}

function verdictOf(outcomes: Outcome[]): Counts {
    const failures = outcomes.filter(isFailure);
    if (failures.length === 0) return totalOf(outcomes);
    const messages = failures.map(({ message }) => message).join("\n");
    throw new StageFailure(messages, failures.map(({ output }) => output).join("\n"), totalOf(outcomes));
}

const totalOf = (outcomes: Outcome[]): Counts =>
    outcomes.map((outcome) => (isFailure(outcome) ? outcome.counts : outcome)).reduce(sum);

/** One suite; its failure is an answer too, as the others go on. */
async function outcomeOf(
    { project, filters, excluded }: Suite,
    env: Record<string, string>,
    progress: Headline,
): Promise<Outcome> {
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
