import { readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg, release } from "node:os";
import { join } from "node:path";
import {
    type GaleraFailure,
    type GaleraMeasured,
    galeraFailures,
    measureGalera,
} from "../test/faults/galeraFailures.ts";
import { deployDatabase } from "../test/support/databases.ts";
import { checkout } from "../tools/paths.ts";
import { inReport, spread } from "./report.ts";

/** `npm run bench -- galera`: every failure of a cluster several times, as a client that writes sees it. */
export async function benchGalera(rounds: number): Promise<void> {
    const measured = new Map<GaleraFailure, GaleraMeasured[]>(galeraFailures.map((failure) => [failure, []]));
    const loads: number[] = [];
    const db = await deployDatabase("bench-galera", "examples/galera-cluster");
    try {
        for (let round = 1; round <= rounds; round++) {
            for (const [i, failure] of galeraFailures.entries()) {
                loads.push(loadavg()[0]!);
                const one = await measureGalera(db, failure, `rows_${round}_${i}`);
                measured.get(failure)!.push(one);
                console.error(
                    `${round} of ${rounds}: ${failure.name}: ${one.gapMs} ms, ${one.lost} rows lost`,
                );
            }
        }
    } finally {
        await db.remove();
    }
    const file = join(checkout, "docs/failures.md");
    const report = inReport(readFileSync(file, "utf8"), "GaleraCluster", render(measured, rounds, loads));
    writeFileSync(file, report);
    console.log(report);
}

function render(measured: Map<GaleraFailure, GaleraMeasured[]>, rounds: number, loads: number[]): string {
    const rows = [...measured].map(([{ name, how, promiseMs }, all]) => {
        const gaps = spread(all.map(({ gapMs }) => gapMs));
        const sum = (of: (one: GaleraMeasured) => number) => all.reduce((total, one) => total + of(one), 0);
        const lost = `${sum((one) => one.lost)} of ${sum((one) => one.rows)}`;
        return `| ${name} | ${how} | ${promiseMs} | ${gaps.join(" / ")} | ${lost} | ${sum((one) => one.errors)} |`;
    });
    const load = spread(loads).map((value) => value.toFixed(1));
    return `Written by \`npm run bench -- galera\` on ${new Date().toISOString().slice(0, 10)}: examples/galera-cluster on the local cloud, three members, every failure made ${rounds} times while a client wrote one row after the other through its endpoint, each in a transaction of its own. Machine: ${cpus().length} processors (${cpus()[0]!.model.trim()}) shared by all hosts and the client, Linux ${release()}, load ${load[0]} (median; ${load[1]} to ${load[2]}).

The gap is the longest time between two acknowledged rows, until every member was Synced again; after an outage of all hosts it is the time from when the last one had power to the next acknowledged row. A row is lost that was acknowledged and is not there afterwards. An error is a statement or a connection that the client saw fail.

| failure | how it was made | aim in ms | gap in ms: median / min / max | rows lost | errors |
|---|---|---|---|---|---|
${rows.join("\n")}
`;
}
