import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { PYTHON } from "../../support/python.ts";
import { standIns } from "../../support/standIns.ts";

/** A manager that writes down what it is told; the first `stop` ends when MariaDB is killed. */
const MANAGER = `echo "$*" >>"$0.told"
case "$*" in *kill*) touch "$0.killed" ;; esac
until [ -e "$0.killed" ] || [ "$1" != stop ]; do sleep 0.1; done`;

test("a MariaDB that does not stop is killed, and what waits for it goes on", async () => {
    const { folder, env, standIn } = await standIns();
    await standIn("systemctl", MANAGER);
    const { stdout } = await execa(PYTHON, ["-B", "-c", "import member_boot; member_boot.stop(1)"], {
        env: { ...env, PYTHONPATH: "src/member/onhost" },
    });
    expect(stdout).toBe("MariaDB has not stopped after 1 s: it is killed");
    const told = (await readFile(join(folder, "systemctl.told"), "utf8")).trim().split("\n");
    expect(told).toEqual(["stop mariadb", "--quiet kill --signal=KILL mariadb", "--quiet stop mariadb"]);
});
