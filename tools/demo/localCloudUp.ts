import { rmSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { type Cloud, defaultCloud } from "../../local/clouds/clouds.ts";
import { ensureEngine } from "../engine/engine.ts";
import { localCloud } from "../localCloud.ts";
import { forLocalCloud } from "../localStack.ts";
import { checkout } from "../paths.ts";

/** The local cloud, started unless it is up already. */
export async function localCloudUp(): Promise<Cloud> {
    const up = await localCloud();
    if (up) return up;
    await local("up");
    const started = await localCloud();
    if (!started)
        throw new Error("The local cloud was started, and its API does not answer: npm run local -- status");
    return started;
}

/** Everything that the demo made: the stack, as a user would remove it, and then the cloud. */
export async function takeDown(): Promise<void> {
    const cloud = await localCloud();
    if (cloud) {
        const { pulumi, env } = forLocalCloud(await ensureEngine(), cloud);
        const destroyed = await execa(pulumi, ["destroy", "--yes", "--skip-preview"], {
            cwd: checkout,
            env,
            stdio: "inherit",
            reject: false,
        });
        if (destroyed.exitCode !== 0)
            console.error("The stack did not go by itself; it goes with its cloud.");
    }
    await local("down");
    // The stack's configuration: the state that it belongs to went with the cloud.
    rmSync(join(checkout, `Pulumi.${defaultCloud()}.yaml`), { force: true });
}

async function local(command: string): Promise<void> {
    const run = await execa("node", ["local/main.ts", command], {
        cwd: checkout,
        preferLocal: true,
        stdio: "inherit",
        reject: false,
    });
    if (run.exitCode !== 0)
        throw new Error(`npm run local -- ${command} ended with ${run.exitCode}; what it said is above`);
}
