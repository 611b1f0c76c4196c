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
}

/** Runs a command on a host. The host must show the key that the stack knows; the private key is never on a disk. */
export async function run(
    { name, connection }: KnownHost,
    command: string,
    { onLine, dialSeconds = 10 }: RunOptions = {},
): Promise<Done> {
    const client = new ssh2.Client();
    const [type = "", key = ""] = connection.hostKey.trim().split(/\s+/);
    let shown = "";
    const ready = new Promise<void>((resolve, reject) => {
        client.on("ready", resolve);
        client.on("error", (error) => {
            const why = shown && shown !== key ? `it shows another host key, ${shown}` : error.message;
            reject(new Unreachable(`${name} (${connection.host}) cannot be reached: ${why}`));
        });
    });
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
    try {
        await ready;
        return await execute(client, name, command, onLine);
    } finally {
        client.end();
    }
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
