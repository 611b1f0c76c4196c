import { execa } from "execa";
import { expect, test } from "vitest";
import { PYTHON } from "../../support/python.ts";

test.each([
    ["1:10.11.19-0+deb12u1", "10.11.19", true],
    ["1:10.11.19-0+deb12u1", "10.11.19-0+deb12u1", true],
    ["1:10.11.19-0+deb12u1", "10.11.1", false],
    ["1:10.11.19-0+deb12u1", "10.11.20", false],
    ["1:10.11.19-0+deb12u1+rebuilt", "10.11.19-0+deb12u1", true],
    ["1:10.11.19-0+deb12u10", "10.11.19-0+deb12u1", false],
])("is %s what is wanted by %s: %s", async (version, wanted, answer) => {
    const program = `
import sys
sys.path[:0] = ["src/galera/onhost", "src/member/onhost"]
from galera_upgrade import is_wanted
print(is_wanted(sys.argv[1], sys.argv[2]))`;
    const { stdout } = await execa(PYTHON, ["-B", "-c", program, version, wanted]);
    expect(stdout).toBe(answer ? "True" : "False");
});
