import { run } from "../ssh.ts";
import { rendered } from "../table.ts";
import { backupProgram, type Cluster, checked, memberProgram, runOnAny } from "./cluster.ts";
import { problemOf, remarks, type States, statesTable, writerOf } from "./states.ts";

/** As database-backup tells it. */
interface BackupStatus {
    last: { name: string; member: string; time: string; bytes: number } | null;
    count: number;
    due: string;
    atWork: string[];
}

/** Shows every member; the exit code is 2 when one of them is not well. */
export async function status(cluster: Cluster, { json = false }: { json?: boolean }): Promise<number> {
    const asked = await runOnAny(cluster, `${memberProgram(cluster)} status`);
    const states = JSON.parse(checked(asked.host, asked)) as States;
    const backups = await backupStatus(cluster, asked.host);
    const unwell = cluster.hosts.filter(({ name }) => problemOf(states[name] ?? null));
    if (json) {
        const { kind, name } = cluster;
        const report = { name, kind, writer: writerOf(cluster, states) ?? null, members: states, backups };
        console.log(JSON.stringify(report, null, 2));
    } else {
        console.log([rendered(statesTable(cluster, states)), ...remarks(states)].join("\n"));
        console.log(`\nbackups: ${toldBackups(backups)}`);
    }
    return unwell.length > 0 ? 2 : 0;
}

/** Null where the cluster has no backups, or their storage does not answer: the members are what was asked for. */
async function backupStatus(
    cluster: Cluster,
    host: Parameters<typeof run>[0],
): Promise<BackupStatus | { error: string } | null> {
    const { exitCode, stdout, stderr } = await run(host, `${backupProgram(cluster)} status --json`);
    if (exitCode === 0) return JSON.parse(stdout) as BackupStatus;
    return exitCode === 127 ? null : { error: stderr.trim() };
}

function toldBackups(backups: Awaited<ReturnType<typeof backupStatus>>): string {
    if (!backups) return "none are made (DatabaseBackups makes them)";
    if ("error" in backups) return backups.error;
    const { last, count, atWork } = backups;
    const busy = atWork.length > 0 ? `; at work now: ${atWork.join(", ")}` : "";
    if (!last) return `none yet${busy}`;
    return `the last good one is ${last.name}, by ${last.member}; ${count} kept${busy}`;
}
