import type { ClientChannel } from "ssh2";
import { goQuote } from "../kit/names.ts";
import type { Call } from "../kit/resource.ts";
import { isObject, type Props, text } from "../kit/values.ts";
import { commandResource } from "./commandResource.ts";
import { parseConnection, sealed } from "./connection.ts";
import { dial } from "./dial.ts";
import { type Captured, capture, previousOutput } from "./output.ts";
import { type SetVariable, start, startWithVariables } from "./session.ts";

/** command:remote:Command: a command that runs on a host over SSH. */
export const remoteCommand = commandResource({
    inState: (props) =>
        props.connection === undefined ? props : { ...props, connection: sealed(props.connection) },
    opaque: ["connection"],
    run,
});

async function run(command: string, inputs: Props, olds: Props, call: Call): Promise<Props> {
    const { client, close } = await dial(parseConnection(inputs.connection), call);
    try {
        const variables = isObject(inputs.environment) ? Object.entries(inputs.environment) : [];
        const previous = previousOutput(inputs, olds);
        const prepare = async (set: SetVariable): Promise<void> => {
            for (const [name, value] of variables) await setOrFail(set, name, text(value), call);
            for (const [name, value] of previous)
                if (!(await set(name, value))) call.log("warning", refusal(name));
        };
        const plain = variables.length === 0 && previous.length === 0;
        const channel = await (plain ? start(client, command) : startWithVariables(client, command, prepare));
        const captured = capture(inputs.logging, call);
        const failure = await finished(channel, text(inputs.stdin), captured);
        const printed: Props = captured.outputs();
        if (failure !== undefined)
            throw new Error(`${failure}: running ${goQuote(command)}:\n${captured.all()}`);
        return printed;
    } finally {
        close();
    }
}

async function setOrFail(set: SetVariable, name: string, value: string, call: Call): Promise<void> {
    if (await set(name, value)) return;
    call.log("error", refusal(name));
    throw new Error(`could not set environment variable ${goQuote(name)}: ssh: setenv failed`);
}

function refusal(name: string): string {
    return `Unable to set '${name}'. This only works if your SSH server is configured to accept
	these variables via AcceptEnv. Alternatively, if a Bash-like shell runs the command on the remote host, you could
	prefix the command itself with the variables in the form 'VAR=value command'`;
}

/** Settles when the command has ended, with the reason when it failed. */
function finished(channel: ClientChannel, stdin: string, captured: Captured): Promise<string | undefined> {
    return new Promise((resolve) => {
        let reason: string | undefined = "wait: remote command exited without exit status or exit signal";
        channel.on("data", captured.stdout);
        channel.stderr.on("data", captured.stderr);
        channel.on("exit", (code: number | null, signal?: string) => {
            reason = code === 0 ? undefined : exitReason(code, signal);
        });
        // A command that ends without reading all of its input is no failure.
        channel.on("error", () => undefined);
        channel.once("close", () => resolve(reason));
        channel.end(stdin);
    });
}

const signals: Record<string, number> = {
    ABRT: 6,
    ALRM: 14,
    FPE: 8,
    HUP: 1,
    ILL: 4,
    INT: 2,
    KILL: 9,
    PIPE: 13,
    QUIT: 3,
    SEGV: 11,
    TERM: 15,
};

function exitReason(code: number | null, signal: string | undefined): string {
    if (code !== null) return `Process exited with status ${code}`;
    const name = (signal ?? "").replace(/^SIG/, "");
    return `Process exited with status ${128 + (signals[name] ?? 0)} from signal ${name}`;
}
