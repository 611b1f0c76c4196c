import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { onTestFinished } from "vitest";

/** A folder of programs in place of this machine's, for one test. */
export async function standIns() {
    const folder = await mkdtemp(join(tmpdir(), "evenkeel-stand-ins-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    return {
        folder,
        env: { PATH: `${folder}${delimiter}${process.env.PATH}` },
        standIn: (name: string, script: string) =>
            writeFile(join(folder, name), `#!/bin/bash\n${script}\n`, { mode: 0o755 }),
    };
}
