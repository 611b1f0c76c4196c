import { join } from "node:path";
import { execa } from "execa";
import { cacheDirectory } from "../../local/directories.ts";
import { isExecutable } from "../engine/installed.ts";
import { passes } from "./commands.ts";

const RUFF_VERSION = "0.17.5";

export async function shellcheck(): Promise<string> {
    if (!(await runs("shellcheck"))) await aptInstall("shellcheck");
    return "shellcheck";
}

/** Ruff is in no Debian release yet; pip's copy goes into the cache, so that the system's Python stays as it is. */
export async function ruff(): Promise<string> {
    if (await runs("ruff")) return "ruff";
    const folder = join(cacheDirectory(), `ruff-${RUFF_VERSION}`);
    const own = join(folder, "bin", "ruff");
    if (isExecutable(own)) return own;
    if (!(await runs("python3", "-m", "pip"))) await aptInstall("python3-pip");
    await passes("installing ruff", "python3", [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--target",
        folder,
        `ruff==${RUFF_VERSION}`,
    ]);
    return own;
}

async function aptInstall(name: string): Promise<void> {
    if (process.getuid?.() !== 0 || !(await runs("apt-get"))) {
        throw new Error(
            `${name} is missing: install it with your system's package manager (apt-get install ${name})`,
        );
    }
    await passes("package lists", "apt-get", ["update"]);
    await passes(`installing ${name}`, "apt-get", ["install", "--yes", "--no-install-recommends", name]);
}

async function runs(command: string, ...args: string[]): Promise<boolean> {
    return (await execa(command, [...args, "--version"], { reject: false })).exitCode === 0;
}
