import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { type AddressInfo, connect } from "node:net";
import ssh2, { type ServerChannel, type Connection as SshConnection } from "ssh2";
import { toOpenssh } from "../../local/plugins/tls/openssh.ts";

export interface Execution {
    command: string;
    stdin: string;
    variables: Record<string, string>;
}

export interface SshServer extends AsyncDisposable {
    port: number;
    /** Its key as one line of authorized_keys. */
    hostKey: string;
    /** Connections that are open now, and how many there were. */
    open(): number;
    connections: number;
    executions: Execution[];
}

export interface SshServerOptions {
    /** What a command does; its result is the exit status, or a signal's name, or nothing when it does not end. */
    run?: (execution: Execution, channel: ServerChannel) => number | string | undefined;
    /** In place of `run`: a program that speaks with the client while it runs. */
    start?: (command: string) => ChildProcessWithoutNullStreams;
    acceptsVariables?: boolean;
    password?: string;
    port?: number;
}

function connectTo(program: ChildProcessWithoutNullStreams, channel: ServerChannel): void {
    program.stdin.on("error", () => undefined);
    channel.pipe(program.stdin);
    program.stdout.pipe(channel, { end: false });
    program.stderr.pipe(channel.stderr, { end: false });
    program.once("close", (code) => {
        channel.exit(code ?? 1);
        channel.end();
    });
}

/** One of 290 that ssh2 makes by itself, it cannot read. */
export function keyPair(): { privateKey: string; publicKey: string } {
    const privateKey = toOpenssh(generateKeyPairSync("ed25519").privateKey);
    const parsed = ssh2.utils.parseKey(privateKey);
    if (parsed instanceof Error) throw parsed;
    return { privateKey, publicKey: `ssh-ed25519 ${parsed.getPublicSSH().toString("base64")}` };
}

/** A port that the kernel gives to nobody who asks for any: below those of ip_local_port_range. */
export const portOfNobody = () => 20_000 + Math.floor(Math.random() * 10_000);

/** A host to run commands on, as far as a client can tell. */
export async function sshServer(options: SshServerOptions = {}): Promise<SshServer> {
    const { run = () => 0, acceptsVariables = true, password = "right", port = 0 } = options;
    const { privateKey, publicKey } = keyPair();
    const executions: Execution[] = [];
    const clients = new Set<SshConnection>();
    const server = new ssh2.Server({ hostKeys: [privateKey] }, (client) => {
        running.connections++;
        clients.add(client);
        (client as unknown as { setNoDelay(on: boolean): void }).setNoDelay(true);
        client.on("close", () => clients.delete(client));
        client.on("error", () => undefined);
        client.on("authentication", (context) => {
            if (
                context.method === "publickey" ||
                (context.method === "password" && context.password === password)
            )
                context.accept();
            else context.reject(["publickey", "password"]);
        });
        client.on("tcpip", (accept, _reject, { destIP, destPort }) => {
            const onward = connect(destPort, destIP);
            const channel = accept();
            onward.on("error", () => channel.close());
            channel.pipe(onward).pipe(channel);
        });
        client.on("session", (accept) => {
            const session = accept();
            const variables: Record<string, string> = {};
            session.on("env", (yes, no, { key, val }) => {
                if (!acceptsVariables) return no?.();
                variables[key] = val;
                yes?.();
            });
            session.on("exec", (yes, _no, { command }) => {
                const channel = yes();
                if (options.start) return connectTo(options.start(command), channel);
                let stdin = "";
                channel.on("data", (chunk: Buffer) => {
                    stdin += chunk;
                });
                channel.on("end", () => {
                    const execution = { command, stdin, variables };
                    executions.push(execution);
                    const result = run(execution, channel);
                    if (result === undefined) return;
                    if (typeof result === "number") channel.exit(result);
                    else channel.exit(result, false, "");
                    channel.end();
                });
            });
        });
    });
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    const running: SshServer = {
        port: (server.address() as AddressInfo).port,
        hostKey: publicKey,
        open: () => clients.size,
        connections: 0,
        executions,
        async [Symbol.asyncDispose]() {
            for (const client of clients) client.end();
            await new Promise<void>((resolve) => server.close(() => resolve()));
        },
    };
    return running;
}
