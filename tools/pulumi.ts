import { execa } from "execa";
import type { Engine } from "./engine/engine.ts";
import { directoryOf, needsStack } from "./pulumiArguments.ts";
import { userEngine } from "./userEngine.ts";

const args = process.argv.slice(2);
// npm runs scripts in the checkout's root; the user may stand in an example's folder.
const cwd = process.env.INIT_CWD ?? process.cwd();

try {
    const place = { cwd, options: directoryOf(args) };
    process.exitCode = await run(await userEngine(place, { needsStack: needsStack(args) }));
} catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
}

async function run({ pulumi, env }: Engine): Promise<number> {
    // An interrupt reaches the engine too, and it is the engine that knows how to stop.
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => {});
    const result = await execa(pulumi, args, { cwd, env, stdio: "inherit", reject: false });
    return result.exitCode ?? 1;
}
