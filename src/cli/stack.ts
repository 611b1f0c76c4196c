import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import type { Command } from "commander";
import { Unable } from "./unable.ts";

/** Which stack, and where its project is. */
export interface StackPlace {
    stack?: string;
    cwd?: string;
}

/** The options by which a command line chooses them. */
export const withStackPlace = (command: Command): Command =>
    command
        .option("--stack <name>", "the stack (default: the selected one)")
        .option("-C, --cwd <folder>", "the project's folder (default: this one)");

/** The outputs of a deployed stack, secrets in plain; they stay in this process. */
export async function stackOutputs(place: StackPlace): Promise<Record<string, unknown>> {
    const text = await stackCommand(place, ["output", "--json", "--show-secrets"]).catch(
        explained("The stack's outputs cannot be read"),
    );
    return JSON.parse(text) as Record<string, unknown>;
}

/** A stack's state; its secrets stay encrypted. */
export async function stackState(place: StackPlace): Promise<State> {
    const text = await stackCommand(place, ["export"]).catch(explained("The stack's state cannot be read"));
    return JSON.parse(text) as State;
}

/** The same with its secrets in plain; they stay in this process. */
export async function plainStackState(place: StackPlace): Promise<State> {
    const text = await stackCommand(place, ["export", "--show-secrets"]).catch(
        explained("The stack's state cannot be read"),
    );
    return JSON.parse(text) as State;
}

export async function replaceStackState(place: StackPlace, state: State): Promise<void> {
    await stackCommand(place, ["import"], JSON.stringify(state)).catch(
        explained("The stack's state cannot be replaced"),
    );
}

/** What this program reads of a state; everything else stays as it is. */
export interface State {
    deployment: { resources?: StateResource[] };
}

export interface StateResource {
    urn: string;
    type: string;
    /** The URN of whose part it is. */
    parent?: string;
    inputs?: Record<string, unknown>;
    outputs?: Record<string, unknown>;
    /** It is replaced already, and about to be deleted. */
    delete?: boolean;
}

const explained = (what: string) => (error: Error) => {
    throw error instanceof Unable
        ? error
        : new Unable(`${what} (--stack and --cwd choose it):\n${error.message}`);
};

/** Runs `pulumi stack …`; rejects with what it printed. */
function stackCommand({ stack, cwd }: StackPlace, words: string[], input?: string): Promise<string> {
    const args = ["stack", ...words, "--non-interactive"];
    if (stack !== undefined) args.push("--stack", stack);
    if (cwd !== undefined && !existsSync(cwd)) throw new Unable(`--cwd: there is no folder ${cwd}.`);
    return new Promise<string>((resolve, reject) => {
        // A state holds what each host was given through stdin.
        const child = execFile("pulumi", args, { cwd, maxBuffer: 1 << 29 }, (error, stdout, stderr) => {
            if (!error) return resolve(stdout);
            if (error.code === ("ENOENT" as never)) {
                return reject(new Unable("There is no `pulumi` on the PATH: install it first."));
            }
            reject(new Error(stderr.trim()));
        });
        child.stdin?.on("error", () => undefined);
        child.stdin?.end(input);
    });
}
