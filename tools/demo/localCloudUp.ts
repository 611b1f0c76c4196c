import { rmSync } from "node:fs";
import { execa } from "execa";
import { type Cloud, defaultCloud } from "../../local/clouds/clouds.ts";
import { ensureEngine } from "../engine/engine.ts";
import { localCloud } from "../localCloud.ts";
import { ensureLocalStack, forLocalCloud } from "../localStack.ts";
import { checkout } from "../paths.ts";
import { configFile } from "../stackConfig.ts";

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
        const place = { cwd: checkout };
        const engine = forLocalCloud(await ensureEngine(), cloud, place);
        await ensureLocalStack(engine, cloud, place);
        const destroyed = await execa(engine.pulumi, ["destroy", "--yes", "--skip-preview"], {
            ...place,
            env: engine.env,
            stdio: "inherit",
            reject: false,
        });
        if (destroyed.exitCode !== 0)
            console.error("The stack did not go by itself; it goes with its cloud.");
    }
    await local("down");
    // The link to the stack's configuration, which went with the cloud.
    rmSync(configFile(checkout, defaultCloud()), { force: true });
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
