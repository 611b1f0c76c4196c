import { execa } from "execa";
import { expect, test } from "vitest";

test("programs for hosts take nothing from each other that is not there", async () => {
    const { stdout } = await execa("python3", ["-B", "test/support/missing_names.py"]);
    const { programs, missing } = JSON.parse(stdout);
    expect(programs).toBeGreaterThan(40);
    expect(missing).toEqual([]);
});
