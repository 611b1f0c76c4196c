import type { Purpose, Spending } from "../../test/support/spending.ts";

/** What one file of tests took, in seconds. */
export interface FileTimes {
    /** A path, such as "test/hosts/front/serving.test.ts". */
    file: string;
    total: number;
    hosts: number;
    packages: number;
    up: number;
    waiting: number;
    /** What is left. */
    asserting: number;
}

type Interval = [from: number, to: number];

/** A moment that serves two purposes counts as the first of these: an `up` waits for the hosts that it makes. */
const ORDER = ["hosts", "packages", "up", "waiting"] as const satisfies Purpose[];

/** Where the time of each file went, by what was noted meanwhile. */
export function timesOf(spendings: Spending[]): FileTimes[] {
    const byFile = Map.groupBy(spendings, ({ file }) => file);
    return [...byFile].map(([file, all]) => {
        const of = (purpose: Purpose) =>
            all.filter((each) => each.purpose === purpose).map(({ from, to }): Interval => [from, to]);
        const seconds: Partial<Record<Purpose, number>> = {};
        let counted: Interval[] = [];
        for (const purpose of ORDER) {
            const next = union([...counted, ...of(purpose)]);
            seconds[purpose] = (length(next) - length(counted)) / 1000;
            counted = next;
        }
        const total = length(union([...counted, ...of("file")])) / 1000;
        const { hosts = 0, packages = 0, up = 0, waiting = 0 } = seconds;
        return { file, total, hosts, packages, up, waiting, asserting: total - length(counted) / 1000 };
    });
}

/** Sorted, and without overlaps. */
function union(intervals: Interval[]): Interval[] {
    const merged: Interval[] = [];
    for (const [from, to] of intervals.toSorted(([one], [other]) => one - other)) {
        const last = merged.at(-1);
        if (last && from <= last[1]) last[1] = Math.max(last[1], to);
        else merged.push([from, to]);
    }
    return merged;
}

const length = (intervals: Interval[]) => intervals.reduce((sum, [from, to]) => sum + to - from, 0);
