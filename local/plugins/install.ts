import { chmod, mkdir, open, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { providers, sdkVersion } from "./providers.ts";

const mark = "# evenkeel stand-in plugin";

function pluginPath(pulumiHome: string, name: string): string {
    const folder = `resource-${name}-v${sdkVersion(name)}`;
    return join(pulumiHome, "plugins", folder, `pulumi-resource-${name}`);
}

/** The beginning of a file: official plugins are large, and a script is short. */
async function beginning(path: string): Promise<string | undefined> {
    try {
        await using file = await open(path);
        const { buffer, bytesRead } = await file.read(Buffer.alloc(4096));
        return buffer.toString("utf8", 0, bytesRead);
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
    }
}

/** Whether the plugin that is installed is somebody else's: the official one, usually. */
export async function hasOfficialPlugin(pulumiHome: string, name: string): Promise<boolean> {
    const script = await beginning(pluginPath(pulumiHome, name));
    return script !== undefined && !script.includes(mark);
}

/** Installs the stand-in plugins that no official plugin makes needless; returns the names of those in place. */
export async function installPlugins(pulumiHome: string): Promise<string[]> {
    const installed: string[] = [];
    for (const name of Object.keys(providers)) {
        if (await hasOfficialPlugin(pulumiHome, name)) continue;
        await install(pluginPath(pulumiHome, name), name);
        installed.push(name);
    }
    return installed;
}

async function install(path: string, name: string): Promise<void> {
    const main = fileURLToPath(new URL("main.ts", import.meta.url));
    const script = `#!/bin/sh\nexec ${quote(process.execPath)} ${quote(main)} ${name} "$@" ${mark}\n`;
    if ((await beginning(path)) === script) return;
    await mkdir(join(path, ".."), { recursive: true });
    // An engine may be starting the plugin at this moment.
    const next = `${path}.${process.pid}`;
    await writeFile(next, script);
    await chmod(next, 0o755);
    await rename(next, path);
}

function quote(text: string): string {
    return `'${text.replaceAll("'", `'\\''`)}'`;
}
