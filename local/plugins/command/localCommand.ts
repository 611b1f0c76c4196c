import { spawn } from "node:child_process";
import { goQuote } from "../kit/names.ts";
import type { Call } from "../kit/resource.ts";
import { isObject, type Props, text, texts } from "../kit/values.ts";
import { commandResource } from "./commandResource.ts";
import { capture, previousOutput } from "./output.ts";

/** command:local:Command: a command that runs where the engine runs. assetPaths and archivePaths are not had here. */
export const localCommand = commandResource({
    inState: (props) => props,
    opaque: [],
    run,
});

async function run(command: string, inputs: Props, olds: Props, call: Call): Promise<Props> {
    if (inputs.assetPaths !== undefined || inputs.archivePaths !== undefined)
        throw new Error("assetPaths and archivePaths are not supported by the stand-in plugin");
    const [program = "/bin/sh", ...args] = texts(inputs.interpreter ?? ["/bin/sh", "-c"]);
    const given = isObject(inputs.environment) ? Object.entries(inputs.environment) : [];
    const variables = given.map(([name, value]): [string, string] => [name, text(value)]);
    const child = spawn(program, [...args, command], {
        cwd: inputs.dir === undefined ? process.cwd() : text(inputs.dir),
        env: { ...process.env, ...Object.fromEntries([...variables, ...previousOutput(inputs, olds)]) },
        signal: call.cancelled,
    });
    const captured = capture(inputs.logging, call);
    child.stdout.on("data", captured.stdout);
    child.stderr.on("data", captured.stderr);
    child.stdin.on("error", () => undefined);
    child.stdin.end(text(inputs.stdin));
    const failure = await new Promise<string | undefined>((resolve) => {
        child.once("error", (error) => resolve(error.message));
        child.once("close", (code, signal) => resolve(code === 0 ? undefined : exitReason(code, signal)));
    });
    const printed: Props = captured.outputs();
    if (failure !== undefined) throw new Error(`${failure}: running ${goQuote(command)}:\n${captured.all()}`);
    return printed;
}

const signalNames: Record<string, string> = {
    SIGKILL: "killed",
    SIGTERM: "terminated",
    SIGINT: "interrupt",
    SIGHUP: "hangup",
};

function exitReason(code: number | null, signal: string | null): string {
    return code === null ? `signal: ${signalNames[signal ?? ""] ?? signal}` : `exit status ${code}`;
}
