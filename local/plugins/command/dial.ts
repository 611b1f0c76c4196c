import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { Client, type ConnectConfig } from "ssh2";
import type { Call } from "../kit/resource.ts";
import type { Connection, Endpoint } from "./connection.ts";
import { sshConfig } from "./credentials.ts";

export interface Dialled {
    client: Client;
    close(): void;
}

/** Connects, trying again after every kind of failure until the endpoint's limit of errors. */
export async function dial(connection: Connection, call: Call): Promise<Dialled> {
    const config = await sshConfig(connection);
    if (!connection.proxy) {
        const client = await retried("Dial", connection, call, async () =>
            handshake(config, await openSocket(connection), connection),
        );
        return { client, close: () => client.end() };
    }
    return await throughProxy(connection, connection.proxy, config, call).catch((error: Error) => {
        throw new Error(`proxy: ${error.message}`);
    });
}

async function throughProxy(
    target: Endpoint,
    proxy: Endpoint,
    config: ConnectConfig,
    call: Call,
): Promise<Dialled> {
    const proxyConfig = await sshConfig(proxy);
    const first = await retried("Dial proxy", proxy, call, async () =>
        handshake(proxyConfig, await openSocket(proxy), proxy),
    );
    try {
        const client = await retried("Dial from proxy", target, call, async () =>
            handshake(config, await forward(first, target), target),
        );
        const close = (): void => {
            client.end();
            first.end();
        };
        return { client, close };
    } catch (error) {
        first.end();
        throw error;
    }
}

async function retried<T>(
    what: string,
    { dialErrorLimit }: Endpoint,
    call: Call,
    attempt: () => Promise<T>,
): Promise<T> {
    for (let tries = 0, delay = 100; ; tries++, delay = Math.min(delay * 1.5, 5000)) {
        try {
            return await attempt();
        } catch (error) {
            if (dialErrorLimit > -1 && tries >= dialErrorLimit)
                throw new Error(`after ${tries} failed attempts: ${(error as Error).message}`);
            call.progress(
                `${what} ${tries + 1}/${dialErrorLimit === -1 ? "inf" : dialErrorLimit} failed: retrying`,
            );
        }
        await sleep(delay, undefined, { signal: call.cancelled });
    }
}

function openSocket({ host, port, perDialTimeout }: Endpoint): Promise<Socket> {
    return new Promise((resolve, reject) => {
        const socket = connect({ host, port });
        const fail = (reason: string): void => {
            socket.destroy();
            reject(new Error(`dial tcp ${host.includes(":") ? `[${host}]` : host}:${port}: ${reason}`));
        };
        if (perDialTimeout > 0) socket.setTimeout(perDialTimeout * 1000, () => fail("i/o timeout"));
        socket.once("error", (error: NodeJS.ErrnoException) =>
            fail(reasons[error.code ?? ""] ?? error.message),
        );
        socket.once("connect", () => {
            socket.setTimeout(0);
            socket.removeAllListeners("error");
            socket.setNoDelay(true);
            // A host that vanishes in the middle of a command must not hang it for ever.
            socket.setKeepAlive(true, 15_000);
            resolve(socket);
        });
    });
}

const reasons: Record<string, string> = {
    ECONNREFUSED: "connect: connection refused",
    EHOSTUNREACH: "connect: no route to host",
    ENETUNREACH: "connect: network is unreachable",
    ECONNRESET: "read: connection reset by peer",
    ETIMEDOUT: "i/o timeout",
};

function forward(client: Client, { host, port }: Endpoint): Promise<Duplex> {
    return new Promise((resolve, reject) => {
        client.forwardOut("127.0.0.1", 0, host, port, (error, channel) =>
            error ? reject(error) : resolve(channel),
        );
    });
}

function handshake(config: ConnectConfig, sock: Duplex, { password }: Endpoint): Promise<Client> {
    return new Promise((resolve, reject) => {
        const client = new Client();
        const fail = (reason: string): void => {
            client.removeAllListeners("close");
            client.destroy();
            reject(new Error(`ssh: handshake failed: ${reason}`));
        };
        client.on("error", (error) => fail(handshakeReason(error.message, config)));
        client.once("close", () => fail("EOF"));
        client.on("keyboard-interactive", (_name, _text, _language, prompts, answer) => {
            answer(prompts.map(() => password ?? ""));
        });
        client.once("ready", () => {
            client.removeAllListeners("error");
            client.removeAllListeners("close");
            // Once it is up, the loss of the connection shows as the end of the command.
            client.on("error", () => undefined);
            resolve(client);
        });
        client.connect({ ...config, sock: sock as never });
    });
}

function handshakeReason(message: string, config: ConnectConfig): string {
    if (message.includes("Host denied")) return "ssh: host key mismatch";
    if (message.includes("no matching host key format"))
        return `ssh: no common algorithm for host key; client offered: [${config.algorithms?.serverHostKey}]`;
    if (message.includes("All configured authentication methods failed")) {
        const tried = ["none", config.privateKey ? "publickey" : "", config.password ? "password" : ""];
        return `ssh: unable to authenticate, attempted methods [${tried.filter(Boolean).join(" ")}], no supported methods remain`;
    }
    return message;
}
