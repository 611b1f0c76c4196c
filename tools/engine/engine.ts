import { delimiter, dirname, join } from "node:path";
import { cacheDirectory } from "../../local/directories.ts";
import { tellingFullDisk } from "../../local/system/fullDisk.ts";
import { buildPulumi } from "./build.ts";
import { downloadPulumi } from "./download.ts";
import { binDirectory, pulumiHome, withoutLogs } from "./home.ts";
import { installedPulumi, isExecutable } from "./installed.ts";
import { ensurePlugins, type Plugin } from "./plugins.ts";

export interface Engine {
    /** Path of the Pulumi CLI. */
    pulumi: string;
    /** What its processes need in their environment, on top of the current one. */
    env: Record<string, string>;
    /** Plugins that the local cloud's own stand in for. */
    standIns: string[];
}

export interface EngineOptions {
    /**
     * Leaves a Pulumi that the user has installed its own home, login and plugins, for deployments to the user's
     * clouds.
     * @default false
     */
    keepHome?: boolean;
}

/** Finds a working Pulumi with the plugins this checkout needs, and fetches or builds what is missing. */
export function ensureEngine(options?: EngineOptions): Promise<Engine> {
    return tellingFullDisk(() => engine(options));
}

async function engine({ keepHome = false }: EngineOptions = {}): Promise<Engine> {
    const installed = await installedPulumi();
    if (installed && keepHome)
        return { pulumi: installed, env: { PATH: searchPath(installed) }, standIns: [] };

    const pulumi = installed ?? (await ownPulumi());
    await withoutLogs();
    const env = {
        PULUMI_HOME: pulumiHome,
        PATH: searchPath(pulumi),
        // Otherwise a newer version is looked up in the middle of whatever is being done.
        PULUMI_SKIP_UPDATE_CHECK: "true",
        // Every command starts a program and its plugins: with their code compiled once, a quarter faster.
        NODE_COMPILE_CACHE: join(cacheDirectory(), "node"),
    };
    const standIns = await ensurePlugins(pulumi, env);
    console.error(`plugins: ${described(standIns)}`);
    return {
        pulumi,
        env: standIns.length > 0 ? { ...env, ...withoutDownloads } : env,
        standIns: standIns.map(({ name }) => name),
    };
}

async function ownPulumi(): Promise<string> {
    const pulumi = join(binDirectory, "pulumi");
    const complete = isExecutable(pulumi) && isExecutable(join(binDirectory, "pulumi-language-nodejs"));
    if (!complete && !(await downloadPulumi())) await buildPulumi();
    return pulumi;
}

/** The engine starts the first `node` on PATH, and the one that runs this file is known to run TypeScript. */
function searchPath(pulumi: string): string {
    return [dirname(process.execPath), dirname(pulumi), process.env.PATH].filter(Boolean).join(delimiter);
}

function described(standIns: Plugin[]): string {
    if (standIns.length === 0) return "the official ones";
    const names = standIns.map(({ name, version }) => `${name} ${version}`).join(", ");
    return `stand-ins for ${names} (the official ones cannot be downloaded here)`;
}

/** Where plugins cannot be downloaded, the engine should not wait for an answer before it says that one is missing. */
const withoutDownloads = {
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_DISABLE_REGISTRY_RESOLVE: "true",
    PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK: "true",
};
