import { connect } from "node:net";
import ssh2, { type ConnectConfig } from "ssh2";
import { toOpenssh } from "../tls/openssh.ts";
import type { Endpoint } from "./connection.ts";

/** The part of the SSH settings that cannot become right by trying again. */
export async function sshConfig(endpoint: Endpoint): Promise<ConnectConfig> {
    const config: ConnectConfig = {
        username: endpoint.user,
        readyTimeout: endpoint.perDialTimeout * 1000,
        ...(endpoint.hostKey === undefined ? {} : pin(endpoint.hostKey)),
    };
    if (endpoint.privateKey !== undefined) {
        config.privateKey = readable(endpoint.privateKey);
        if (endpoint.privateKeyPassword !== undefined) config.passphrase = endpoint.privateKeyPassword;
        const parsed = ssh2.utils.parseKey(config.privateKey, endpoint.privateKeyPassword);
        if (parsed instanceof Error) throw new Error(`ssh: ${parsed.message}`);
    }
    if (endpoint.password !== undefined) {
        config.password = endpoint.password;
        config.tryKeyboard = true;
    }
    const agent = endpoint.agentSocketPath ?? (process.env.SSH_AUTH_SOCK || undefined);
    if (agent !== undefined) {
        await expectAgent(agent);
        config.agent = agent;
    }
    return config;
}

/** Only this key is accepted; there is no falling back. */
function pin(line: string): ConnectConfig {
    const found = line.match(/(?:^|\s)((?:ssh|ecdsa|sk-ssh|sk-ecdsa)-[\w@.-]+)\s+([A-Za-z0-9+/]+=*)/);
    const key = found?.[2] === undefined ? undefined : Buffer.from(found[2], "base64");
    const type = found?.[1];
    if (key === undefined || type === undefined || !startsWithType(key, type))
        throw new Error("failed to parse host key: ssh: no key found");
    const algorithms = type === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"] : [type];
    return {
        algorithms: { serverHostKey: algorithms as never },
        hostVerifier: (offered: Buffer) => offered.equals(key),
    };
}

function startsWithType(key: Buffer, type: string): boolean {
    return (
        key.length > 4 + type.length &&
        key.readUInt32BE(0) === type.length &&
        key.toString("latin1", 4, 4 + type.length) === type
    );
}

// ssh2 does not read PKCS#8, which the official plugin's Go library does.
function readable(privateKey: string): string {
    return privateKey.includes("-----BEGIN PRIVATE KEY-----") ? toOpenssh(privateKey) : privateKey;
}

// As with the official plugin, an agent that is named but dead is an error at once.
function expectAgent(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
        const socket = connect(path);
        socket.once("connect", () => {
            socket.destroy();
            resolve();
        });
        socket.once("error", (error) => reject(new Error(`dial unix ${path}: connect: ${error.message}`)));
    });
}
