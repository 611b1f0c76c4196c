import { afterAll, beforeAll, expect, test } from "vitest";
import { type DatabaseStack, deployDatabase } from "../support/databases.ts";
import { boundMs, type DatabaseFailure, measureFailure } from "./databaseFailure.ts";
import { galeraFailures } from "./galeraFailures.ts";

let db: DatabaseStack;
beforeAll(async () => {
    db = await deployDatabase("test-galera-failures", "examples/galera-cluster");
});
afterAll(async () => db?.remove());

const gaps: string[] = [];
afterAll(() => console.log(gaps.join("\n")));

test.each(galeraFailures)("$name", async (failure: DatabaseFailure) => {
    const table = failure.name.replaceAll(/\W/g, "_");
    const { gapMs, rows, lost, errors } = await measureFailure(db, failure, table);
    gaps.push(`${failure.name}: ${gapMs} ms, ${lost} of ${rows} rows lost, ${errors} errors`);
    expect(lost).toBe(0);
    expect(gapMs).toBeLessThan(boundMs(failure));
});
