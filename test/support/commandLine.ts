import { chmodSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { cacheDirectory } from "../../local/directories.ts";

/**
 * Runs the package's command line with a Pulumi that prints this as JSON, in a folder where it leaves its `arguments`.
 *
 * @param pulumi a program to be Pulumi instead
 */
export async function commandLine(folder: string, args: string[], printed: unknown, pulumi = "") {
    const path = join(folder, "pulumi");
    writeFileSync(join(folder, "printed.json"), JSON.stringify(printed));
    writeFileSync(path, pulumi || `#!/bin/sh\necho "$@" >${folder}/arguments\ncat ${folder}/printed.json\n`);
    chmodSync(path, 0o755);
    const env = {
        PATH: `${folder}${delimiter}${process.env.PATH}`,
        // As the engine has it: a call takes half of its time.
        NODE_COMPILE_CACHE: join(cacheDirectory(), "node"),
    };
    const { exitCode, stdout, stderr } = await execa(process.execPath, ["src/cli/main.ts", ...args], {
        env,
        reject: false,
    });
    return { exitCode, stdout, stderr };
}
