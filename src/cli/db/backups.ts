import { rendered } from "../table.ts";
import { Unable } from "../unable.ts";
import {
    backupProgram,
    type Cluster,
    checked,
    hostNamed,
    memberProgram,
    runAloud,
    runOnAny,
} from "./cluster.ts";
import { problemOf, type States, writerOf } from "./states.ts";

interface Backup {
    name: string;
    time: string;
    member: string;
    bytes: number;
}

export async function list(cluster: Cluster, { json = false }: { json?: boolean }): Promise<void> {
    const asked = await runOnAny(cluster, `${backupProgram(cluster)} list --json`);
    const text = checked(asked.host, asked);
    if (json) return console.log(text.trim());
    const backups = JSON.parse(text) as Backup[];
    if (backups.length === 0) return console.log("There is no backup yet.");
    const rows = backups.map(({ name, member, bytes }) => [name, member, `${(bytes / 1e6).toFixed(1)} MB`]);
    console.log(rendered([["backup", "by", "size"], ...rows]));
}

/** Makes a backup now, on a member that is well and does not take the writes. */
export async function backup(cluster: Cluster, { on }: { on?: string }): Promise<void> {
    const host = on === undefined ? await backupHost(cluster) : hostNamed(cluster, on);
    await runAloud(host, `${backupProgram(cluster)} now`);
}

async function backupHost(cluster: Cluster) {
    const asked = await runOnAny(cluster, `${memberProgram(cluster)} status`);
    const states = JSON.parse(checked(asked.host, asked)) as States;
    const well = cluster.hosts.filter(({ name }) => !problemOf(states[name] ?? null));
    const writer = writerOf(cluster, states);
    const chosen = well.findLast(({ name }) => name !== writer) ?? well[0];
    if (!chosen)
        throw new Unable("No member is well enough to make a backup: `evenkeel db status` tells more.");
    return chosen;
}
