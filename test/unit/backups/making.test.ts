import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, expect, test } from "vitest";
import { PYTHON } from "../../support/python.ts";

let folder: string;
beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "evenkeel-storage-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A program in restic's place, which takes its time as a storage far away does, and notes what it was asked. */
function restic(): void {
    const program = join(folder, "restic");
    writeFileSync(
        program,
        `#!/bin/bash
cd ${folder}
case " $* " in
*" cat config "*) [[ -e made ]] || { echo "Is there a repository at the following location?" >&2; exit 10; } ;;
*" init "*) sleep 0.5; echo init >>asked; touch made ;;
esac
`,
    );
    chmodSync(program, 0o755);
}

const make = async () => {
    const program = `
import sys
from pathlib import Path
sys.path[:0] = ["src/backups/onhost", "src/hosts/onhost"]
import backup_storage
backup_storage.CACHE = Path(sys.argv[1]) / "cache"
config = {"repository": "there", "password": "none", "backups": "backups", "options": []}
print(backup_storage.Storage(config).init())`;
    const env = { PATH: `${folder}:${process.env.PATH}` };
    return (await execa(PYTHON, ["-B", "-c", program, folder], { env })).stdout;
};

test("of programs that find no repository at the same moment, one makes it", async () => {
    restic();
    const news = await Promise.all([make(), make(), make()]);
    expect(news.toSorted()).toEqual(["False", "False", "True"]);
    expect(readFileSync(join(folder, "asked"), "utf8")).toBe("init\n");
    expect(await make()).toBe("False");
});
