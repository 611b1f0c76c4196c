import { execa } from "execa";
import { type Engine, ensureEngine } from "./engine/engine.ts";
import { localCloud } from "./localCloud.ts";
import { ensureLocalStack, forLocalCloud } from "./localStack.ts";
import { directoryOf, needsStack } from "./pulumiArguments.ts";

const args = process.argv.slice(2);
// npm runs scripts in the checkout's root; the user may stand in an example's folder.
const cwd = process.env.INIT_CWD ?? process.cwd();

try {
    // With a token, the cloud is the user's, and so are backend, login and stack.
    const usersCloud = Boolean(process.env.DIGITALOCEAN_TOKEN);
    const engine = await ensureEngine({ keepHome: usersCloud });
    process.exitCode = await run(usersCloud ? engine : await onLocalCloud(engine));
} catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
}

async function onLocalCloud(engine: Engine): Promise<Engine> {
    const cloud = await localCloud();
    if (!cloud) {
        console.error("No local cloud is up (npm run local -- up), and DIGITALOCEAN_TOKEN is not set.");
        return engine;
    }
    const local = forLocalCloud(engine, cloud);
    if (needsStack(args)) await ensureLocalStack(local, cloud, { cwd, options: directoryOf(args) });
    return local;
}

async function run({ pulumi, env }: Engine): Promise<number> {
    // An interrupt reaches the engine too, and it is the engine that knows how to stop.
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => {});
    const result = await execa(pulumi, args, { cwd, env, stdio: "inherit", reject: false });
    return result.exitCode ?? 1;
}
