import { execa } from "execa";
import { type Engine, ensureEngine } from "./engine/engine.ts";
import { localCloud, localCloudEnvironment } from "./localCloud.ts";
import { directoryOf, needsStack } from "./pulumiArguments.ts";

const LOCAL_STACK = "local";

const args = process.argv.slice(2);
try {
    process.exitCode = process.env.DIGITALOCEAN_TOKEN ? await onUsersCloud() : await onLocalCloud();
} catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
}

/** Backend, login, stack and cloud are the user's own. */
async function onUsersCloud(): Promise<number> {
    const engine = await ensureEngine({ keepHome: true });
    return run(engine, args, engine.env);
}

async function onLocalCloud(): Promise<number> {
    const engine = await ensureEngine();
    const cloud = await localCloud();
    if (!cloud) {
        console.error("No local cloud is up (npm run local -- up) and DIGITALOCEAN_TOKEN is not set.");
        return run(engine, args, engine.env);
    }
    const env = { ...engine.env, ...localCloudEnvironment(cloud) };
    if (needsStack(args) && !process.env.PULUMI_STACK) await ensureStack(engine, env);
    return run(engine, args, env);
}

/** A stack that the user has selected stays selected; a fresh backend gets one, so that `up` just works. */
async function ensureStack(engine: Engine, env: Record<string, string>): Promise<void> {
    const where = directoryOf(args);
    const options = { env, cwd: workingDirectory(), stdin: "ignore", reject: false } as const;
    const selected = await execa(engine.pulumi, ["stack", "--show-name", ...where], options);
    if (selected.exitCode === 0) return;
    await execa(engine.pulumi, ["stack", "select", "--create", LOCAL_STACK, ...where], {
        ...options,
        stdout: "ignore",
        stderr: "inherit",
    });
}

async function run(engine: Engine, args: string[], env: Record<string, string>): Promise<number> {
    // An interrupt reaches the engine too, and it is the engine that knows how to stop.
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => {});
    const result = await execa(engine.pulumi, args, {
        env,
        cwd: workingDirectory(),
        stdio: "inherit",
        reject: false,
    });
    return result.exitCode ?? 1;
}

/** npm runs scripts in the checkout's root; the user may stand in an example's folder. */
function workingDirectory(): string {
    return process.env.INIT_CWD ?? process.cwd();
}
