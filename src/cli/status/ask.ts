import { type KnownHost, run } from "../ssh.ts";
import { Unable } from "../unable.ts";
import type { DeployedHost } from "./deployed.ts";
import type { HostStatus } from "./hostStatus.ts";

/** What a host says, or why it says nothing. */
export type Asked = { host: DeployedHost } & ({ status: HostStatus } | { silence: string });

const PROGRAM = "/usr/local/lib/evenkeel/host-status";

/** Asks all hosts at once; each has so many seconds. */
export const askAll = (hosts: DeployedHost[], seconds: number): Promise<Asked[]> =>
    Promise.all(
        hosts.map(async (host) => {
            try {
                return { host, status: await ask(host, seconds) };
            } catch (error) {
                if (!(error instanceof Unable)) throw error;
                return { host, silence: error.message };
            }
        }),
    );

async function ask(host: KnownHost, seconds: number): Promise<HostStatus> {
    const { name, connection } = host;
    if (!connection.hostKey)
        throw new Unable(`${name}: the stack knows no host key of it, so it was not asked`);
    const { exitCode, stdout, stderr } = await run(host, PROGRAM, {
        dialSeconds: Math.min(10, seconds),
        seconds,
    });
    if (exitCode === 127) {
        throw new Unable(`${name} has no host-status: a \`pulumi up\` of this version brings it`);
    }
    try {
        return JSON.parse(stdout) as HostStatus;
    } catch {
        throw new Unable(
            `${name}: ${stderr.trim().split("\n").at(-1) || `host-status ended with ${exitCode}`}`,
        );
    }
}
