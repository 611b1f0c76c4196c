import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheDirectory } from "../../local/directories.ts";
import { PULUMI_VERSION } from "./versions.ts";

/** PULUMI_HOME of everything that runs from this checkout: the user's own ~/.pulumi is left alone. */
export const pulumiHome = join(cacheDirectory(), "pulumi");

/** Where the npm package `pulumi` looks for and puts a CLI; language hosts are found beside it. */
export const binDirectory = join(pulumiHome, "versions", PULUMI_VERSION, "bin");

/**
 * Keeps the engine from writing each of its steps down: more than half of its own time, and 500 MB in a few
 * days. It has no setting for that, and goes on without where it cannot make the folder.
 */
export async function withoutLogs(): Promise<void> {
    const logs = join(pulumiHome, "logs");
    await mkdir(pulumiHome, { recursive: true });
    const occupy = () => writeFile(logs, "A file, so that Pulumi writes no logs here.\n");
    await occupy().catch(async (error: NodeJS.ErrnoException) => {
        if (error.code !== "EISDIR") throw error;
        await rm(logs, { recursive: true, force: true });
        await occupy();
    });
}
