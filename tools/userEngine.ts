import { type Engine, ensureEngine } from "./engine/engine.ts";
import { localCloud } from "./localCloud.ts";
import { ensureLocalStack, forLocalCloud } from "./localStack.ts";
import type { ProjectPlace } from "./stackConfig.ts";

/** The engine for a user's own command: on the user's cloud if there is a token, else on the local one. */
export async function userEngine(place: ProjectPlace, { needsStack = false } = {}): Promise<Engine> {
    // With a token, the cloud is the user's, and so are backend, login and stack.
    const usersCloud = Boolean(process.env.DIGITALOCEAN_TOKEN);
    const engine = await ensureEngine({ keepHome: usersCloud });
    if (usersCloud) return engine;
    const cloud = await localCloud();
    if (!cloud) {
        console.error("No local cloud is up (npm run local -- up), and DIGITALOCEAN_TOKEN is not set.");
        return engine;
    }
    const local = forLocalCloud(engine, cloud, place);
    if (needsStack) await ensureLocalStack(local, cloud, place);
    return local;
}
