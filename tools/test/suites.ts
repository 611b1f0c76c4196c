import { existsSync, globSync } from "node:fs";
import { join, matchesGlob } from "node:path";
import { Unable } from "../../local/system/packages.ts";
import { STACKS } from "../../test/stacks.ts";
import { checkout } from "../paths.ts";

/** Test files of one kind: on the hosts of one stack, or without any. */
export interface Suite {
    /** A project of vitest.config.ts. */
    project: string;
    /** Paths that a file has to contain one of; none for all of the project's. */
    filters: string[];
    /** Globs of files that are left out. */
    excluded: string[];
}

export interface Parts {
    /** Names of stages. */
    stages: string[];
    suites: Suite[];
}

/** The stage that runs suites. */
export const TESTS = "tests";

/** Suites without hosts. */
const PROJECTS = ["unit", "preview"];
export const isOnHosts = ({ project }: Pick<Suite, "project">) => !PROJECTS.includes(project);
export const needsEngine = ({ project }: Pick<Suite, "project">) => project !== "unit";

/** The part of `test:all` that holds every failure of every stack. */
export const FAULTS = "faults";

/** What only `test:all` runs; a file that is named is run always. */
const LONG = ["**/long/**", "test/faults/**"];
/** Whether a file, by its path in the checkout, is one of those. */
export const isLong = (file: string) => LONG.some((glob) => matchesGlob(file, glob));

/** What the words of a command line mean; all there is when there are none. */
export function partsOf(words: string[], all: boolean, stages: string[]): Parts {
    if (words.length === 0)
        return { stages, suites: [...PROJECTS.map((name) => suiteOf(name, all)), ...suitesOf(all)] };
    const parts = words.map((word) => partOf(word, all, stages));
    return {
        stages: [...new Set(parts.flatMap((part) => part.stages))],
        suites: merged(parts.flatMap(({ suites }) => suites)),
    };
}

function partOf(word: string, all: boolean, stages: string[]): Parts {
    if (word === "hosts") return tests(...suitesOf(all));
    if (PROJECTS.includes(word)) return tests(suiteOf(word, all));
    if (stages.includes(word) && word !== TESTS) return { stages: [word], suites: [] };
    if (word === FAULTS && all) return tests(...faults());
    const stack = STACKS.find(({ name }) => name === word);
    if (stack) return tests(suiteOf(stack.name, all));
    if (word.startsWith("test/")) return partAt(word);
    const parts = [...stages.filter((stage) => stage !== TESTS), ...PROJECTS, "hosts"];
    const names = [...parts, ...STACKS.map(({ name }) => name), ...(all ? [FAULTS] : [])].join(", ");
    const hint =
        word === FAULTS ? `: npm run test:all -- ${FAULTS}` : ` (there are ${names}, and paths in test/)`;
    throw new Unable(`no such part of npm test: ${word}${hint}`);
}

/** The suite that a file or folder of test/ belongs to. */
function partAt(path: string): Parts {
    if (!existsSync(join(checkout, path))) throw new Unable(`there is no ${path}`);
    const [, kind, name] = path.split("/");
    if (kind === "graph" || kind === "unit") return tests({ ...wholly("unit"), filters: [path] });
    if (kind === "preview") return tests({ ...wholly("preview"), filters: [path] });
    const stack = STACKS.find((each) => each.name === name);
    if (!stack || !(kind === "hosts" || kind === "faults")) throw new Unable(`no tests are in ${path}`);
    return tests({ project: stack.name, filters: [path], excluded: [] });
}

/** One suite for each stack: two at once would be in each other's way. */
function merged(suites: Suite[]): Suite[] {
    const byProject = Map.groupBy(suites, ({ project }) => project);
    return [...byProject.values()].map((same) => ({
        project: same[0]!.project,
        filters: same.some(({ filters }) => filters.length === 0)
            ? []
            : same.flatMap(({ filters }) => filters),
        // A file that is named is run even beside a suite that leaves it out.
        excluded: same.every(({ excluded }) => excluded.length > 0) ? same[0]!.excluded : [],
    }));
}

/** What can run at once: of a stack whose files have hosts of their own, each of them. */
export const apart = (suites: Suite[]): Suite[] =>
    suites.flatMap((suite) => {
        const stack = STACKS.find(({ name }) => name === suite.project)!;
        if (stack.isShared || suite.filters.length > 0) return [suite];
        return filesOf(stack.name, suite.excluded).map((file) => ({ ...suite, filters: [file] }));
    });

const filesOf = (stack: string, excluded: string[]): string[] =>
    globSync(`test/hosts/${stack}/**/*.test.ts`, { cwd: checkout })
        .filter((file) => !excluded.some((glob) => matchesGlob(file, glob)))
        .sort();

const tests = (...suites: Suite[]): Parts => ({ stages: [TESTS], suites });

const wholly = (project: string): Suite => ({ project, filters: [], excluded: [] });

const suitesOf = (all: boolean) => STACKS.map(({ name }) => suiteOf(name, all));

const suiteOf = (project: string, all: boolean): Suite => ({
    project,
    filters: [],
    excluded: all ? [] : LONG,
});

const faults = (): Suite[] =>
    STACKS.filter(({ name }) => existsSync(join(checkout, "test/faults", name))).map(({ name }) => ({
        project: name,
        filters: [`test/faults/${name}/`],
        excluded: [],
    }));
