import { setTimeout as sleep } from "node:timers/promises";
import ssh2 from "ssh2";
import { readableKey } from "./sshKey.ts";

/** A host and how SSH reaches it, all of it settled. */
export interface SshTarget {
    name: string;
    connection: { host: string; port?: number; user?: string; privateKey: string; hostKey: string };
}

export interface DialOptions {
    /** Seconds to get in. @default 10 */
    dialSeconds?: number;
    /** How many failed attempts are tried again, as the command plugin does; -1 is without end. @default 0 */
    retries?: number;
}

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5000;

/** Connects to a host. It must show the key that is known of it; the private key is never on a disk. */
export async function dial(target: SshTarget, options: DialOptions = {}): Promise<ssh2.Client> {
    const { retries = 0 } = options;
    for (let tries = 0, delay = FIRST_DELAY_MS; ; tries++, delay = Math.min(delay * 1.5, LONGEST_DELAY_MS)) {
        try {
            return await connect(target, options);
        } catch (error) {
            if (retries >= 0 && tries >= retries) throw error;
            await sleep(delay);
        }
    }
}

function connect({ name, connection }: SshTarget, { dialSeconds = 10 }: DialOptions): Promise<ssh2.Client> {
    const client = new ssh2.Client();
    const [type = "", key = ""] = connection.hostKey.trim().split(/\s+/);
    let shown = "";
    return new Promise((resolve, reject) => {
        client.once("ready", () => resolve(client));
        client.on("error", (error) => {
            const why = shown && shown !== key ? `it shows another host key, ${shown}` : error.message;
            reject(new Error(`${name} (${connection.host}) cannot be reached: ${why}`));
        });
        client.connect({
            host: connection.host,
            port: connection.port ?? 22,
            username: connection.user ?? "root",
            privateKey: readableKey(connection.privateKey),
            readyTimeout: dialSeconds * 1000,
            // A command that says nothing for long is alive; a host that says nothing for a minute is not.
            keepaliveInterval: 15_000,
            algorithms: { serverHostKey: signatures(type) },
            hostVerifier: (offered: Buffer) => {
                shown = offered.toString("base64");
                return shown === key;
            },
        });
    });
}

/** By what a host may prove that it has the key: RSA's name is that of a signature which nobody takes any more. */
const signatures = (type: string): ssh2.ServerHostKeyAlgorithm[] =>
    type === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256"] : [type as ssh2.ServerHostKeyAlgorithm];

export interface Done {
    exitCode: number;
    stdout: string;
    stderr: string;
}

/** Runs a command over a connection; rejects when it is lost before the command's end. */
export function execute(
    client: ssh2.Client,
    name: string,
    command: string,
    onLine?: (line: string) => void,
): Promise<Done> {
    return new Promise((resolve, reject) => {
        const lost = (why: string) =>
            reject(new Error(`The connection to ${name} was lost (${why}); what runs there goes on.`));
        client.on("error", (error) => lost(error.message));
        client.exec(command, (error, channel) => {
            if (error) return reject(new Error(`${name} does not run commands: ${error.message}`));
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
