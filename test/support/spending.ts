import { subscribe } from "node:diagnostics_channel";
import { appendFileSync } from "node:fs";
import { progressOf, readLine } from "../../tools/engineLines.ts";
import { WAITED, type Waited } from "../../tools/waiting.ts";

/** What the time of a test of hosts goes into; what is left of a file is asserting. */
export type Purpose = "file" | "hosts" | "packages" | "up" | "waiting";

/** One line of the file that EVENKEEL_SPENDING names; times in milliseconds since the epoch. */
export interface Spending {
    file: string;
    purpose: Purpose;
    from: number;
    to: number;
}

const log = process.env.EVENKEEL_SPENDING;
let spender = "";

/** Whose time it is from now on: a test file, or what brings a stack up. */
export function spendAs(file: string): void {
    spender = file;
}

export function spent(purpose: Purpose, from: number, to = Date.now()): void {
    if (!log) return;
    const line: Spending = { file: spender, purpose, from, to };
    appendFileSync(log, `${JSON.stringify(line)}\n`);
}

export async function spending<Result>(purpose: Purpose, work: () => Promise<Result>): Promise<Result> {
    const from = Date.now();
    return work().finally(() => spent(purpose, from));
}

/** Notes the waits of `within`, look by look. */
export function noteWaits(): void {
    subscribe(WAITED, (waited) => spent("waiting", (waited as Waited).from));
}

/** Reads what a command of the engine prints as it comes: when which resource was at work. */
export function noteOperations(output: NodeJS.ReadableStream): void {
    const begun = new Map<string, number>();
    let rest = "";
    output.on("data", (chunk: Buffer) => {
        const lines = `${rest}${chunk}`.split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) {
            const step = readLine(line);
            if (step.kind !== "step") continue;
            const { type, name, text } = step;
            const purpose = purposeOf(type, name);
            if (!purpose) continue;
            const state = progressOf(text)?.state;
            if (state === "begun" && !begun.has(name)) begun.set(name, Date.now());
            const from = begun.get(name);
            if (from === undefined || state !== "done") continue;
            spent(purpose, from);
            begun.delete(name);
        }
    });
}

function purposeOf(type: string, name: string): Purpose | undefined {
    if (type.endsWith(":Droplet")) return "hosts";
    // From the first dial on: a host that boots is waited for here.
    return type.endsWith(":Command") && name.endsWith("-install") ? "packages" : undefined;
}
