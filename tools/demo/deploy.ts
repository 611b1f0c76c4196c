import { execa } from "execa";
import type { Cloud } from "../../local/clouds/clouds.ts";
import { cloudApi } from "../cloudApi.ts";
import type { Engine } from "../engine/engine.ts";
import { backendDirectory } from "../localCloud.ts";
import { ensureLocalStack, forLocalCloud } from "../localStack.ts";
import { checkout } from "../paths.ts";
import { goOnFrom } from "./interrupted.ts";
import { powerOn, untilIdle } from "./recovery.ts";
import { up } from "./up.ts";

export interface Deployment {
    url: string;
    /** The reserved IP. */
    address: string;
    /** The stack's name. */
    name: string;
    /** Runs a command on the stack; what it prints is seen at once. */
    run(...args: string[]): Promise<void>;
}

export async function deployed(engine: Engine, cloud: Cloud): Promise<Deployment> {
    const place = { cwd: checkout };
    const api = cloudApi(cloud);
    const local = forLocalCloud(engine, cloud, place);
    await untilIdle(backendDirectory(cloud));
    const name = await ensureLocalStack(local, cloud, place);
    const options = { ...place, env: local.env };

    const run = async (...args: string[]) => {
        const result = await execa(local.pulumi, args, { ...options, stdio: "inherit", reject: false });
        if (result.exitCode !== 0)
            throw new Error(`\`npm run pulumi -- ${args.join(" ")}\` ended with ${result.exitCode}.`);
    };
    const ask = async (args: string[], input = "") =>
        (await execa(local.pulumi, args, { ...options, input })).stdout;

    // What the demo makes, `--down` takes down.
    await ask(["config", "set", "deletionProtection", "false"]);
    await goOnFrom(api, backendDirectory(cloud), ask);
    const hosts = await powerOn(api, ask);
    await up(local, checkout, hosts);
    const { url, address } = JSON.parse(await ask(["stack", "output", "--json"]));
    if (!url || !address)
        throw new Error("The stack has no outputs `url` and `address`: is another program deployed?");
    return { url, address, name, run };
}
