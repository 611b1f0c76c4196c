import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { cacheDirectory } from "../../local/directories.ts";

/** Where what was made once stays for the next run. */
export const cache = cacheDirectory();

/** Does the work with a folder that has these packages' files as they would be installed, in `root`. */
export async function withDebianFiles(packages: string[], work: (folder: string) => Promise<unknown>) {
    mkdirSync(cache, { recursive: true });
    const folder = mkdtempSync(join(cache, "packages-"));
    try {
        await execa("apt-get", ["-q", "download", ...packages], { cwd: folder });
        await execa("for each in *.deb; do dpkg-deb -x $each root; done", { cwd: folder, shell: true });
        await work(folder);
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}
