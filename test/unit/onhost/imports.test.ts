import { execa } from "execa";
import { expect, test } from "vitest";
import { PYTHON } from "../../support/python.ts";

test("programs for hosts take nothing from each other that is not there", async () => {
    const { stdout } = await execa(PYTHON, ["-B", "test/support/missing_names.py"]);
    const { programs, missing } = JSON.parse(stdout);
    expect(programs).toBeGreaterThan(40);
    expect(missing).toEqual([]);
});
