import { execa } from "execa";
import type { Cloud } from "../local/clouds/clouds.ts";
import type { Engine } from "./engine/engine.ts";
import { localCloudEnvironment } from "./localCloud.ts";

/** The stack of the one local cloud that most users have: its selection is theirs, as with any other backend. */
const SELECTABLE = "local";

/** The engine, set up for deployments to a local cloud. */
export function forLocalCloud(engine: Engine, cloud: Cloud): Engine {
    // Pulumi remembers one selected stack for a project, whatever the backend: other clouds leave it alone.
    const stack = cloud.name === SELECTABLE ? undefined : (process.env.PULUMI_STACK ?? cloud.name);
    const env = { ...engine.env, ...localCloudEnvironment(cloud) };
    return { ...engine, env: stack === undefined ? env : { ...env, PULUMI_STACK: stack } };
}

/** Where the project is: the folder to run in, and the options that choose another one. */
export interface ProjectPlace {
    cwd: string;
    /** @default none */
    options?: string[];
}

/** Sees to it that a stack is selected: the one that the user selected, or else one for the local cloud. */
export async function ensureLocalStack(engine: Engine, cloud: Cloud, place: ProjectPlace): Promise<void> {
    const run = (args: string[], input = "") =>
        execa(engine.pulumi, [...args, ...(place.options ?? [])], { cwd: place.cwd, env: engine.env, input });

    if (process.env.PULUMI_STACK || (await run(["stack", "--show-name"]).catch(() => undefined))) return;
    const how = cloud.name === SELECTABLE ? ["select", "--create"] : ["init", "--no-select"];
    await run(["stack", ...how, cloud.name]);
    // Through stdin: what stands in an argument can be read by every process.
    await run(["config", "set", "--secret", "failoverToken"], cloud.failoverToken);
}
