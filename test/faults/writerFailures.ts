import { afterAll, expect, test } from "vitest";
import type { DatabaseStack } from "../support/databases.ts";
import { boundMs, type DatabaseFailure, measureFailure } from "./databaseFailure.ts";

/** A test of each failure, as a client sees it that writes. */
export function testFailures(db: DatabaseStack, chosen: DatabaseFailure[]): void {
    const gaps: string[] = [];
    afterAll(() => console.log(gaps.join("\n")));

    test.each(chosen)("$name", async (failure: DatabaseFailure) => {
        const table = failure.name.replaceAll(/\W/g, "_");
        const { gapMs, rows, lost, errors } = await measureFailure(db, failure, table);
        gaps.push(`${failure.name}: ${gapMs} ms, ${lost} of ${rows} rows lost, ${errors} errors`);
        expect(lost).toBe(0);
        expect(gapMs).toBeLessThan(boundMs(failure));
    });
}
