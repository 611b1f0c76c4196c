import { existsSync, readFileSync } from "node:fs";
import { execa } from "execa";
import type { Cloud } from "../local/clouds/clouds.ts";
import type { Engine } from "./engine/engine.ts";
import { backendDirectory, localCloudEnvironment } from "./localCloud.ts";
import { configFile, linkConfig, type ProjectPlace, projectFolder } from "./stackConfig.ts";
import { releaseStaleLocks } from "./staleLocks.ts";

/** The stack of the one local cloud that most users have: its selection is theirs, as with any other backend. */
const SELECTABLE = "local";

/** The engine, set up for deployments to a local cloud. */
export function forLocalCloud(engine: Engine, cloud: Cloud, place: ProjectPlace): Engine {
    const folder = projectFolder(place);
    if (folder) linkConfig(cloud, folder);
    // Pulumi remembers one selected stack for a project, whatever the backend: other clouds leave it alone.
    const stack = cloud.name === SELECTABLE ? undefined : (process.env.PULUMI_STACK ?? cloud.name);
    const env = { ...engine.env, ...localCloudEnvironment(cloud) };
    return { ...engine, env: stack === undefined ? env : { ...env, PULUMI_STACK: stack } };
}

/** Sees to it that a stack is selected and configured: the one that the user selected, or else one for the local cloud; tells its name. */
export async function ensureLocalStack(engine: Engine, cloud: Cloud, place: ProjectPlace): Promise<string> {
    releaseStaleLocks(backendDirectory(cloud));
    if (process.env.PULUMI_STACK) return process.env.PULUMI_STACK;
    const run = (args: string[], input = "") =>
        execa(engine.pulumi, [...args, ...(place.options ?? [])], { cwd: place.cwd, env: engine.env, input });

    const selected = await run(["stack", "--show-name"]).then(
        ({ stdout }) => stdout.trim(),
        () => undefined,
    );
    if (selected === undefined) {
        const how = cloud.name === SELECTABLE ? ["select", "--create"] : ["init", "--no-select"];
        await run(["stack", ...how, cloud.name]);
    } else if (isConfigured(projectFolder(place), selected)) return selected;
    // Through stdin: what stands in an argument can be read by every process.
    await run(["config", "set", "--secret", "failoverToken"], cloud.failoverToken);
    return selected ?? cloud.name;
}

/** Whoever made the stack may have been interrupted before the token was in its configuration. */
function isConfigured(folder: string | undefined, stack: string): boolean {
    const config = configFile(folder ?? ".", stack);
    return existsSync(config) && /^ +\S+:failoverToken:/m.test(readFileSync(config, "utf8"));
}
