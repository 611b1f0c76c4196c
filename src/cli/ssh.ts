import type ssh2 from "ssh2";
import { dial, type SshTarget } from "../hosts/ssh.ts";
import { Unable } from "./unable.ts";

/** A host of a stack, as its outputs tell it. */
export type KnownHost = SshTarget;

export interface Done {
    exitCode: number;
    stdout: string;
    stderr: string;
}

/** The host did not answer, or with another key; nothing was run there. */
export class Unreachable extends Unable {}

export interface RunOptions {
    /** Told of each line that the command prints for people (stderr), as it comes. */
    onLine?: (line: string) => void;
    /** Seconds to get in. @default 10 */
    dialSeconds?: number;
    /** Seconds for all of it, after which the host is given up. @default as long as it takes */
    seconds?: number;
}

/** Runs a command on a host. The host must show the key that the stack knows; the private key is never on a disk. */
export async function run(
    { name, connection }: KnownHost,
    command: string,
    { onLine, dialSeconds = 10, seconds }: RunOptions = {},
): Promise<Done> {
    const client = await dial({ name, connection }, { dialSeconds }).catch((error: Error) => {
        throw new Unreachable(error.message);
    });
    const { overdue, stop } = deadline(name, seconds);
    try {
        const done = await Promise.race([execute(client, name, command, onLine), overdue]);
        client.end();
        return done;
    } catch (error) {
        // Of a host that says nothing no goodbye is awaited.
        client.destroy();
        throw error;
    } finally {
        stop();
    }
}

/** Rejects after so many seconds, unless it is stopped before. */
function deadline(name: string, seconds: number | undefined): { overdue: Promise<never>; stop: () => void } {
    let timer: NodeJS.Timeout | undefined;
    const overdue = new Promise<never>((_, reject) => {
        if (seconds === undefined) return;
        const late = () => reject(new Unreachable(`${name} has given no answer within ${seconds} s`));
        timer = setTimeout(late, seconds * 1000);
    });
    return { overdue, stop: () => clearTimeout(timer) };
}

function execute(
    client: ssh2.Client,
    name: string,
    command: string,
    onLine?: (line: string) => void,
): Promise<Done> {
    return new Promise((resolve, reject) => {
        const lost = (why: string) =>
            reject(new Unable(`The connection to ${name} was lost (${why}); what runs there goes on.`));
        client.on("error", (error) => lost(error.message));
        client.exec(command, (error, channel) => {
            if (error) return reject(new Unable(`${name} does not run commands: ${error.message}`));
            let [stdout, stderr, line] = ["", "", ""];
            let exitCode: number | undefined;
            channel.on("data", (chunk: Buffer) => {
                stdout += chunk;
            });
            channel.stderr.on("data", (chunk: Buffer) => {
                stderr += chunk;
                const lines = `${line}${chunk}`.split("\n");
                line = lines.pop() ?? "";
                for (const each of lines) onLine?.(each);
            });
            channel.on("exit", (code: number | null) => {
                exitCode = code ?? 1;
            });
            channel.on("close", () => {
                if (exitCode === undefined) return lost("closed");
                resolve({ exitCode, stdout, stderr });
            });
            channel.end();
        });
    });
}
