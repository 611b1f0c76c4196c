import { afterAll, expect, test } from "vitest";
import type { Flagship } from "../support/flagship.ts";
import type { Failure } from "./failures.ts";
import { measure } from "./measure.ts";

/** A bound that a busy machine keeps; the numbers are docs/failures.md's. */
const PATIENCE_MS = 10_000;

/** A test of each failure, as a visitor sees it. */
export function testFailures(site: Flagship, chosen: Failure[]): void {
    const gaps: string[] = [];
    afterAll(() => console.log(gaps.join("\n")));

    test.each(chosen)("$name", async (failure: Failure) => {
        const { before, holder, gapMs, lost, requests } = await measure(site, failure);
        gaps.push(`${failure.name}: ${gapMs} ms, ${lost} of ${requests} lost`);
        if (failure.moves && !failure.returns) expect(holder).toBe(before.standby);
        expect(gapMs).toBeLessThan(PATIENCE_MS + (failure.lastsMs ?? 0));
    });
}
