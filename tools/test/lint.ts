import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { checkout } from "../paths.ts";
import { type Counts, noTests, passes } from "./commands.ts";
import { ruff, shellcheck } from "./linters.ts";

export async function lint(): Promise<Counts> {
    await passes("biome", "biome", ["check", "--error-on-warnings", "."]);
    await passes("types", "tsc", ["--noEmit"]);
    await passes("unused code", "knip", []);
    await passes("package", "publint", ["--strict"]);
    const scripts = await scriptFiles();
    if (scripts.shell.length > 0) {
        await passes("shell", await shellcheck(), ["-x", "--source-path=SCRIPTDIR", ...scripts.shell]);
    }
    if (scripts.python.length > 0) {
        await passes("python", await ruff(), ["check", "--no-cache", ...scripts.python]);
    }
    return noTests;
}

/** Every shell and Python program in the checkout; many have no extension, so their first line tells. */
async function scriptFiles(): Promise<{ shell: string[]; python: string[] }> {
    // A checkout mounted into a container belongs to somebody else, which git refuses unless told otherwise.
    const git = ["-c", "safe.directory=*", "ls-files"];
    const listed = await execa("git", [...git, "--cached", "--others", "--exclude-standard"], {
        cwd: checkout,
    });
    const files = listed.stdout.split("\n").map((file) => ({ file, kind: kindOf(file, firstLine(file)) }));
    const of = (kind: string) => files.filter((entry) => entry.kind === kind).map(({ file }) => file);
    return { shell: of("shell"), python: of("python") };
}

export function kindOf(file: string, firstLine: string): "shell" | "python" | undefined {
    if (file.endsWith(".py") || /^#!.*\bpython3?\b/.test(firstLine)) return "python";
    if (/\.(sh|bash)$/.test(file) || /^#!.*\b(ba|da)?sh\b/.test(firstLine)) return "shell";
    return undefined;
}

function firstLine(file: string): string {
    try {
        return readFileSync(join(checkout, file), "utf8").split("\n", 1)[0] ?? "";
    } catch {
        return "";
    }
}
