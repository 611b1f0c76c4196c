import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { execa } from "execa";
import { cacheDirectory } from "../../local/directories.ts";
import { type Engine, ensureEngine } from "../../tools/engine/engine.ts";
import { type Program, writeProject } from "./project.ts";
import { type Running, running } from "./running.ts";
import { runningPlugins } from "./runningPlugins.ts";
import { noteOperations, spending } from "./spending.ts";

export interface Run {
    exitCode: number;
    /** What a user would have seen, stdout and stderr, without colours. */
    output: string;
}

export interface TestStackOptions extends Program {
    /** Stack configuration. */
    config?: Record<string, string>;
    /** Stack configuration that is encrypted. */
    secrets?: Record<string, string>;
    /** Such as DIGITALOCEAN_API_URL and DIGITALOCEAN_TOKEN; the test machine's own are not passed on. */
    env?: Record<string, string>;
    /** Bound for each command. @default 10 minutes */
    timeoutMs?: number;
    /** Whether the engine starts its plugins, as a user's does; otherwise they run already. @default false */
    startsPlugins?: boolean;
}

/** A program deployed by the real engine, in a project folder and a backend of its own. */
export interface TestStack {
    /** The project's folder: rewrite its files to change the program. */
    folder: string;
    /** Whether the last command found that there is nothing to do, or none was run that may change anything. */
    isAsDeclared(): boolean;
    up(...args: string[]): Promise<Run>;
    preview(...args: string[]): Promise<Run>;
    refresh(...args: string[]): Promise<Run>;
    destroy(...args: string[]): Promise<Run>;
    outputs(): Promise<Record<string, unknown>>;
    /** Any other command on this stack. */
    pulumi(...args: string[]): Promise<Run>;
    /** Another program, in the project's folder and with its stack selected. */
    execute(program: string, ...args: string[]): Promise<Run>;
    /** Resolves when no command of this process is under way: a test that failed leaves them. */
    idle(): Promise<unknown>;
    /** A Pulumi command, to watch it and to end it in the middle. */
    start(...args: string[]): Running;
    /** The folder in which the engine keeps the stack's state. */
    backend: string;
    /** Forgets project and state; deployed resources are the test's to destroy. */
    remove(): void;
}

const STACK = "test";
/** Pulumi asks for the stack of every promise that it makes, and maps each frame to its source: a fourth of a program's time. */
const noFrames = {
    NODE_OPTIONS: "--stack-trace-limit=0",
    // Compiled code goes by what V8 was told.
    NODE_COMPILE_CACHE: join(cacheDirectory(), "node-in-tests"),
};
/** In the environment of a stack whose errors tell where in the program they come from, as a user's do. */
export const asUsers = { NODE_OPTIONS: "", NODE_COMPILE_CACHE: join(cacheDirectory(), "node") };
const DEPLOYS = /^(up|preview|refresh|destroy)$/;
const READS = /^(preview|stack (output|export)) /;
let engine: Promise<Engine> | undefined;

/** A new stack, in a folder of its own unless one is given. */
export async function testStack(
    options: TestStackOptions,
    root = mkdtempSync(join(tmpdir(), "evenkeel-test-")),
): Promise<TestStack> {
    mkdirSync(join(root, "state"), { recursive: true });
    writeProject(join(root, "project"), options);
    const stack = await openStack(root, options);
    const required = async (...args: string[]) => {
        const { exitCode, output } = await stack.pulumi(...args);
        if (exitCode !== 0) throw new Error(`pulumi ${args.join(" ")} ended with ${exitCode}:\n${output}`);
    };
    await required("stack", "init", "--no-select");
    const values = (kind: string, given: Record<string, string> = {}) =>
        Object.entries(given).flatMap(([key, value]) => [kind, `${key}=${value}`]);
    const configuration = [...values("--plaintext", options.config), ...values("--secret", options.secrets)];
    if (configuration.length > 0) await required("config", "set-all", ...configuration);
    return stack;
}

/** A stack that was made in a folder before, by this process or another one. */
export async function openStack(
    root: string,
    options: Pick<TestStackOptions, "env" | "startsPlugins" | "timeoutMs">,
): Promise<TestStack> {
    engine ??= ensureEngine();
    const { pulumi, env, standIns } = await engine;
    const folder = join(root, "project");
    const backend = join(root, "state");

    const environment = {
        ...withoutClouds(process.env),
        ...env,
        PULUMI_STACK: STACK,
        PULUMI_BACKEND_URL: `file://${backend}`,
        PULUMI_CONFIG_PASSPHRASE: "test",
        PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS: "true",
        ...noFrames,
        ...options.env,
    };
    const plugins = runningPlugins(options.startsPlugins ? [] : standIns, environment);
    const underWay = new Set<Promise<unknown>>();
    const execute = (program: string, args: string[], detached = false, more = {}) => {
        const run = execa(program, args, {
            cwd: folder,
            env: { ...environment, ...more },
            extendEnv: false,
            all: true,
            stdin: "ignore",
            timeout: options.timeoutMs ?? 600_000,
            reject: false,
            detached,
        });
        underWay.add(run);
        void run.finally(() => underWay.delete(run));
        return run;
    };
    const command = ([verb = "", ...args]: string[], detached: boolean, more = {}) =>
        execute(
            pulumi,
            [verb, "--stack", STACK, "--non-interactive", "--color", "never", ...args],
            detached,
            more,
        );
    let isAsDeclared = true;
    const run = async (...args: string[]): Promise<Run> => {
        const engine = command(args, false, DEPLOYS.test(args[0]!) ? await plugins.env() : {});
        noteOperations(engine.all);
        const { exitCode, all } = await spending("up", () => engine);
        if (!READS.test(args.join(" ")))
            isAsDeclared = exitCode === 0 && args.includes("--expect-no-changes");
        return { exitCode: exitCode ?? -1, output: stripVTControlCharacters(all) };
    };

    return {
        folder,
        isAsDeclared: () => isAsDeclared,
        up: (...args) => run("up", "--yes", "--skip-preview", ...args),
        preview: (...args) => run("preview", ...args),
        refresh: (...args) => run("refresh", "--yes", "--skip-preview", ...args),
        destroy: (...args) => run("destroy", "--yes", "--skip-preview", ...args),
        outputs: async () => {
            const { exitCode, output } = await run("stack", "output", "--json", "--show-secrets");
            if (exitCode !== 0) throw new Error(`pulumi stack output ended with ${exitCode}:\n${output}`);
            return JSON.parse(output);
        },
        pulumi: run,
        execute: async (program, ...args) => {
            const { exitCode, all } = await execute(program, args);
            return { exitCode: exitCode ?? -1, output: all };
        },
        idle: () => Promise.allSettled(underWay),
        // Detached, it leads a session: that tells what it started, whatever process groups there are.
        start: (...args) => {
            isAsDeclared = false;
            const engine = command(args, true);
            void spending("up", () => engine);
            return running(engine);
        },
        backend,
        remove: () => {
            plugins.end();
            rmSync(root, { recursive: true, force: true });
        },
    };
}

/** A test must never reach a cloud or a stack that the user happens to have at hand. */
function withoutClouds(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    const kept = Object.entries(env).filter(
        ([name]) => !/^(PULUMI_|DIGITALOCEAN_|VULTR_|SSH_AUTH_SOCK)/.test(name),
    );
    return Object.fromEntries(kept);
}
