import { type DatabaseFailure, type Measured, measureFailure } from "../test/faults/databaseFailure.ts";
import { diskFailures } from "../test/faults/diskFailures.ts";
import { galeraFailures } from "../test/faults/galeraFailures.ts";
import { replicatedFailures } from "../test/faults/replicatedFailures.ts";
import { type DatabaseStack, deployDatabase } from "../test/support/databases.ts";
import { deployReplicated } from "../test/support/replicated.ts";
import { inRounds, machine, type Rounds, reportFailures, spread } from "./report.ts";

/** `npm run bench -- galera`: every failure of a cluster several times, as a client that writes sees it. */
export async function benchGalera(rounds: number): Promise<void> {
    const db = await deployDatabase("bench-galera", "examples/galera-cluster");
    const all = await measureAll(db, galeraFailures, rounds);
    reportFailures("GaleraCluster", render("galera", db.program, all, rounds));
}

/** `npm run bench -- replicated`: the same of a primary and its replicas. */
export async function benchReplicated(rounds: number): Promise<void> {
    const db = await deployReplicated("bench-replicated");
    const all = await measureAll(db, replicatedFailures(db), rounds);
    reportFailures("ReplicatedMySQL", render("replicated", db.program, all, rounds));
}

/** `npm run bench -- disks`: of both kinds, and apart, as members have small disks in memory meanwhile. */
export async function benchDisks(rounds: number): Promise<void> {
    const galera = await deployDatabase("bench-disks", "examples/galera-cluster");
    const first = await measureAll(galera, diskFailures("galera"), rounds);
    const replicated = await deployReplicated("bench-disks");
    const second = await measureAll(replicated, diskFailures("replicated"), rounds);
    const all = {
        measured: new Map([...first.measured, ...second.measured]),
        loads: [...first.loads, ...second.loads],
    };
    const programs = `${galera.program} (writer, another member) and ${replicated.program} (primary, replica)`;
    reportFailures("Full disks", render("disks", programs, all, rounds));
}

async function measureAll(
    db: DatabaseStack,
    failures: DatabaseFailure[],
    rounds: number,
): Promise<Rounds<DatabaseFailure, Measured>> {
    try {
        return await inRounds(rounds, failures, (failure, round) =>
            measureFailure(db, failure, `rows_${round}_${failures.indexOf(failure)}`),
        );
    } finally {
        await db.remove();
    }
}

function render(
    command: string,
    program: string,
    { measured, loads }: Rounds<DatabaseFailure, Measured>,
    rounds: number,
): string {
    const rows = [...measured].map(([{ name, how, promiseMs }, all]) => {
        const gaps = spread(all.map(({ gapMs }) => gapMs));
        const sum = (of: (one: Measured) => number) => all.reduce((total, one) => total + of(one), 0);
        const lost = `${sum((one) => one.lost)} of ${sum((one) => one.rows)}`;
        return `| ${name} | ${how} | ${promiseMs} | ${gaps.join(" / ")} | ${lost} | ${sum((one) => one.errors)} |`;
    });
    return `Written by \`npm run bench -- ${command}\` on ${new Date().toISOString().slice(0, 10)}: ${program} on the local cloud, three members, every failure made ${rounds} times while a client wrote one row after the other through its endpoint, each in a transaction of its own. ${machine(loads)}

The gap is the longest time between two acknowledged rows, until all members were well again; after an outage of all hosts it is the time from when the last one had power to the next acknowledged row. A row is lost that was acknowledged and is not there afterwards. An error is a statement or a connection that the client saw fail.

| failure | how it was made | aim in ms | gap in ms: median / min / max | rows lost | errors |
|---|---|---|---|---|---|
${rows.join("\n")}
`;
}
