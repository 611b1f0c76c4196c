import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { withLock } from "../../local/lock.ts";
import { hasOfficialPlugin, installPlugins } from "../../local/plugins/install.ts";
import { checkout } from "../paths.ts";
import { failureOf } from "./bounded.ts";
import { pulumiHome } from "./home.ts";
import { refusedToday, rememberRefusal } from "./refusals.ts";

export interface Plugin {
    name: string;
    version: string;
    /** Where it is downloaded from when not from Pulumi's own server. */
    server?: string;
}

/** Makes sure of the provider plugins: the official ones, or the local cloud's stand-ins where those
 * cannot be had; answers for which they stand in. */
export async function ensurePlugins(pulumi: string, env: Record<string, string>): Promise<Plugin[]> {
    return withLock("plugins", "another installation of plugins", async () => {
        const missing: Plugin[] = [];
        for (const plugin of requiredPlugins()) {
            if (await hasOfficialPlugin(pulumiHome, plugin.name)) continue;
            if (!(await download(plugin, pulumi, env))) missing.push(plugin);
        }
        const standIns = missing.length > 0 ? await installPlugins(pulumiHome) : [];
        const without = missing.find(({ name }) => !standIns.includes(name));
        if (without)
            throw new Error(`plugin ${without.name} cannot be downloaded here, and nothing stands in for it`);
        return missing;
    });
}

/** What the providers' SDK packages in this checkout will ask the engine for, to the exact version. */
export function requiredPlugins(): Plugin[] {
    const { dependencies, devDependencies } = manifest(checkout);
    return Object.keys({ ...dependencies, ...devDependencies })
        .map((name) => join(checkout, "node_modules", name))
        .filter(existsSync)
        .map(manifest)
        .flatMap(pluginOf)
        .sort((a, b) => a.name.localeCompare(b.name));
}

interface Manifest {
    version: string;
    dependencies?: Record<string, string>;
    devDependencies?: Record<string, string>;
    pulumi?: { resource?: boolean; name?: string; version?: string; server?: string };
}

export function pluginOf({ version, pulumi }: Manifest): Plugin[] {
    if (!pulumi?.resource || !pulumi.name) return [];
    const plugin = { name: pulumi.name, version: (pulumi.version ?? version).replace(/^v/, "") };
    return [pulumi.server ? { ...plugin, server: pulumi.server } : plugin];
}

function manifest(folder: string): Manifest {
    return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}

async function download(plugin: Plugin, pulumi: string, env: Record<string, string>): Promise<boolean> {
    const origin = plugin.server ?? "Pulumi's plugins";
    if (refusedToday(origin)) return false;
    const server = plugin.server ? ["--server", plugin.server] : [];
    const reason = await failureOf({
        what: `plugin ${plugin.name} ${plugin.version}`,
        command: pulumi,
        args: ["plugin", "install", "resource", plugin.name, plugin.version, "--reinstall", ...server],
        env,
        patienceMs: 120_000,
    });
    if (reason) rememberRefusal(origin, reason);
    return reason === undefined;
}
