import { StringDecoder } from "node:string_decoder";
import type { Call } from "../kit/resource.ts";
import { type Props, text } from "../kit/values.ts";

export interface Captured {
    stdout(chunk: Buffer): void;
    stderr(chunk: Buffer): void;
    /** Everything in the order it came, for error messages. */
    all(): string;
    /** As outputs: without the last line's end. */
    outputs(): { stdout: string; stderr: string };
}

/** Keeps what a command prints and shows it line by line while it runs, as far as `logging` lets it. */
export function capture(logging: unknown, call: Call): Captured {
    const shown = (stream: string): boolean =>
        logging === undefined || logging === null || logging === "stdoutAndStderr" || logging === stream;
    const everything: Buffer[] = [];
    const stream = (name: "stdout" | "stderr"): { take(chunk: Buffer): void; text(): string } => {
        const own: Buffer[] = [];
        const decoder = new StringDecoder("utf8");
        let line = "";
        return {
            take(chunk) {
                own.push(chunk);
                everything.push(chunk);
                if (!shown(name)) return;
                const lines = (line + decoder.write(chunk)).split("\n");
                line = lines.pop() ?? "";
                for (const complete of lines) if (complete !== "") call.progress(complete);
            },
            text() {
                if (line !== "") call.progress(line);
                line = "";
                return Buffer.concat(own).toString().replace(/\n$/, "");
            },
        };
    };
    const [stdout, stderr] = [stream("stdout"), stream("stderr")];
    return {
        stdout: stdout.take,
        stderr: stderr.take,
        all: () => Buffer.concat(everything).toString(),
        outputs: () => ({ stdout: stdout.text(), stderr: stderr.text() }),
    };
}

/** What the run before printed, for commands that want it in their environment. */
export function previousOutput(inputs: Props, olds: Props): [string, string][] {
    if (inputs.addPreviousOutputInEnv === false) return [];
    const names: [string, string][] = [
        ["PULUMI_COMMAND_STDOUT", text(olds.stdout)],
        ["PULUMI_COMMAND_STDERR", text(olds.stderr)],
    ];
    return names.filter(([, value]) => value !== "");
}
