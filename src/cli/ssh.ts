import { type Done, dial, execute, type SshTarget } from "../hosts/ssh.ts";
import { Unable } from "./unable.ts";

/** A host of a stack, as its outputs tell it. */
export type KnownHost = SshTarget;

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
        const done = await Promise.race([execute(client, name, command, onLine).catch(inWords), overdue]);
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

function inWords(error: Error): never {
    throw new Unable(error.message);
}
