import { accessSync, constants, realpathSync } from "node:fs";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { isAtLeast, OLDEST_PULUMI_VERSION, versionIn } from "./versions.ts";

/** A `pulumi` that the user has installed and that is new enough. */
export async function installedPulumi(searchPath = process.env.PATH ?? ""): Promise<string | undefined> {
    for (const file of candidates(searchPath)) {
        const version = await pulumiVersion(file);
        if (version && isAtLeast(version, OLDEST_PULUMI_VERSION)) return file;
    }
    return undefined;
}

/** What a CLI says its version is; undefined when it does not run. */
async function pulumiVersion(file: string): Promise<string | undefined> {
    const env = { PULUMI_SKIP_UPDATE_CHECK: "true" };
    const answer = await execa(file, ["version"], { env, timeout: 20_000, reject: false });
    return answer.exitCode === 0 ? versionIn(answer.stdout) : undefined;
}

function candidates(searchPath: string): string[] {
    return searchPath
        .split(delimiter)
        .filter(Boolean)
        .map((folder) => join(folder, "pulumi"))
        .filter((file) => isExecutable(file) && !isNpmShim(file));
}

/** The npm package's `pulumi` is a downloader, which has its own turn. */
function isNpmShim(file: string): boolean {
    return realpathSync(file).includes("/node_modules/");
}

export function isExecutable(file: string): boolean {
    try {
        accessSync(file, constants.X_OK);
        return true;
    } catch {
        return false;
    }
}
