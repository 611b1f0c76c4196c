import type { Done } from "../../hosts/ssh.ts";
import { byName } from "../../member/endpoint.ts";
import { type KnownHost, type RunOptions, run, Unreachable } from "../ssh.ts";
import { Unable } from "../unable.ts";

/** A cluster of databases, as a stack's output tells it. */
export interface Cluster {
    kind: "galera" | "replicated";
    name: string;
    /** By name, as the members themselves go. */
    hosts: KnownHost[];
    /** Which of the cluster's backups are meant, by their component's name; needed where there are several. */
    backups?: string;
}

const LIBRARY = "/usr/local/lib/evenkeel";
export const memberProgram = ({ kind }: Cluster) => `${LIBRARY}/${kind}-member`;
export const backupProgram = ({ backups }: Cluster) =>
    `${LIBRARY}/database-backup${backups === undefined ? "" : ` --of ${word(backups)}`}`;

export function clusterIn(outputs: Record<string, unknown>, output: string): Cluster {
    const found = outputs[output];
    if (found === undefined) {
        const names = Object.keys(outputs);
        const others = names.length > 0 ? `it has ${names.join(", ")}` : "it has none: was it deployed?";
        throw new Unable(
            `The stack has no output "${output}" (${others}).\nExport it, and name it with --output if it is called otherwise:\n` +
                `  export const ${output} = pulumi.secret({ endpoint: db.endpoint, hosts: db.hosts });`,
        );
    }
    const { endpoint, hosts } = found as {
        endpoint?: { kind?: string; name?: string };
        hosts?: KnownHost[];
    };
    const complete =
        typeof endpoint?.name === "string" &&
        hosts?.length &&
        hosts.every((host) => host.name && host.connection?.host && host.connection.hostKey);
    if (!complete) {
        throw new Unable(
            `The output "${output}" is not { endpoint, hosts } of a cluster: a GaleraCluster's \`endpoint\` and \`hosts\` are meant.`,
        );
    }
    if (endpoint.kind !== "galera" && endpoint.kind !== "replicated") {
        throw new Unable(
            `The cluster ${endpoint.name} is of the kind "${endpoint.kind}", which is not known here.`,
        );
    }
    return { kind: endpoint.kind, name: endpoint.name!, hosts: hosts.toSorted(byName) };
}

export function hostNamed({ hosts, name }: Cluster, wanted: string): KnownHost {
    const found = hosts.find((host) => host.name === wanted);
    if (found) return found;
    const names = hosts.map((host) => host.name).join(", ");
    throw new Unable(`The cluster ${name} has no host "${wanted}": it has ${names}.`);
}

/** Runs a command on the first host that can be reached. */
export async function runOnAny(
    { hosts }: Pick<Cluster, "hosts">,
    command: string,
    options?: RunOptions,
): Promise<Done & { host: KnownHost }> {
    const failures: string[] = [];
    for (const host of hosts) {
        try {
            return { ...(await run(host, command, options)), host };
        } catch (error) {
            if (!(error instanceof Unreachable)) throw error;
            failures.push(error.message);
        }
    }
    throw new Unable(failures.join("\n"));
}

/** Runs a command that must succeed, and shows what it says while it does. */
export async function runAloud(host: KnownHost, command: string): Promise<void> {
    const onLine = (line: string) => console.error(`${host.name}: ${line}`);
    const done = await run(host, command, { onLine });
    // What went wrong was shown; only a command that is not there says it in the shell's words.
    if (done.exitCode !== 0 && done.exitCode !== 127) throw new Unable(`That failed on ${host.name}.`);
    checked(host, done);
}

export function checked(host: KnownHost, { exitCode, stdout, stderr }: Done): string {
    if (exitCode === 0) return stdout;
    if (exitCode === 127) {
        throw new Unable(
            `${host.name} lacks the program for that: is the stack deployed as it stands? ${stderr.trim()}`,
        );
    }
    throw new Unable(`${host.name}: ${stderr.trim().split("\n").at(-1) || `ended with ${exitCode}`}`);
}

/** A word of a command line on a host. */
export const word = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
