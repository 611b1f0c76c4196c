import ssh2 from "ssh2";
import { Unable } from "./unable.ts";

/** A host of a stack, as its outputs tell it. */
export interface KnownHost {
    name: string;
    connection: { host: string; port?: number; user?: string; privateKey: string; hostKey: string };
}

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
    const client = new ssh2.Client();
    const [type = "", key = ""] = connection.hostKey.trim().split(/\s+/);
    let shown = "";
    const ready = new Promise<void>((resolve, reject) => {
        client.on("ready", resolve);
        client.on("error", reject);
        // It throws what it has against the key that it is given.
        client.connect({
            host: connection.host,
            port: connection.port ?? 22,
            username: connection.user ?? "root",
            privateKey: connection.privateKey,
            readyTimeout: dialSeconds * 1000,
            // A command that says nothing for long is alive; a host that says nothing for a minute is not.
            keepaliveInterval: 15_000,
            algorithms: { serverHostKey: [type as ssh2.ServerHostKeyAlgorithm] },
            hostVerifier: (offered: Buffer) => {
                shown = offered.toString("base64");
                return shown === key;
            },
        });
    }).catch((error: unknown) => {
        const why = shown && shown !== key ? `it shows another host key, ${shown}` : (error as Error).message;
        throw new Unreachable(`${name} (${connection.host}) cannot be reached: ${why}`);
    });
    const { overdue, stop } = deadline(name, seconds);
    try {
        await Promise.race([ready, overdue]);
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
