import { type MeasuredSync, measureSync, TWO_WAY_SYNC } from "../test/faults/measureSync.ts";
import { type SyncFailure, syncFailures } from "../test/faults/syncFailures.ts";
import { deployFlagship, succeeded } from "../test/support/flagship.ts";
import { inRounds, machine, type Rounds, reportFailures, spread } from "./report.ts";

/** `npm run bench -- syncfailures`: every failure of a two-way sync, while two of its hosts write. */
export async function benchSyncFailures(rounds: number): Promise<void> {
    const site = await deployFlagship("bench-sync-failures");
    try {
        site.edit("export const url = ", TWO_WAY_SYNC);
        succeeded(await site.stack.up());
        const all = await inRounds(rounds, syncFailures, (failure) => measureSync(site, failure));
        reportFailures("FileSync", render(all, rounds));
    } finally {
        await site.remove();
    }
}

function render({ measured, loads }: Rounds<SyncFailure, MeasuredSync>, rounds: number): string {
    const rows = [...measured].map(([{ name, how }, all]) => {
        const gaps = spread(all.map(({ gapMs }) => gapMs)).map((ms) => (ms / 1000).toFixed(1));
        const sum = (of: (one: MeasuredSync) => number) => all.reduce((total, one) => total + of(one), 0);
        return `| ${name} | ${how} | ${gaps.join(" / ")} | ${sum((one) => one.lost)} of ${sum((one) => one.lines)} |`;
    });
    return `Written by \`npm run bench -- syncfailures\` on ${new Date().toISOString().slice(0, 10)}: a \`twoWay\` sync of three hosts of the local cloud, every failure made ${rounds} times while two of the hosts appended fifty lines a second to files of their own. ${machine(loads)}

The time is from the end of the failure until all three hosts have the same files, what had been written meanwhile included.

| failure | how it was made | s until all have the same: median / min / max | lines lost |
|---|---|---|---|
${rows.join("\n")}

Not covered: two failures at once; a disk that returns wrong bytes; clocks that differ within one file system.
`;
}
