import { execa } from "execa";
import type { Cloud } from "../../local/clouds/clouds.ts";
import type { Engine } from "../engine/engine.ts";
import { ensureLocalStack, forLocalCloud } from "../localStack.ts";
import { checkout } from "../paths.ts";

export interface Deployment {
    url: string;
    /** The reserved IP. */
    address: string;
    /** Runs a command on the stack; what it prints is seen at once. */
    run(...args: string[]): Promise<void>;
    /** Runs a command on the stack for its answer; undefined when it fails. */
    ask(...args: string[]): Promise<string | undefined>;
}

export async function deployed(engine: Engine, cloud: Cloud): Promise<Deployment> {
    const place = { cwd: checkout };
    const local = forLocalCloud(engine, cloud, place);
    await ensureLocalStack(local, cloud, place);
    const options = { ...place, env: local.env };

    const run = async (...args: string[]) => {
        const result = await execa(local.pulumi, args, { ...options, stdio: "inherit", reject: false });
        if (result.exitCode !== 0) {
            const command = `npm run pulumi -- ${args.join(" ")}`;
            throw new Error(
                `\`${command}\` ended with ${result.exitCode}; what is deployed stays, and it can be repeated.`,
            );
        }
    };
    const ask = async (...args: string[]) => {
        const result = await execa(local.pulumi, args, { ...options, stdin: "ignore", reject: false });
        return result.exitCode === 0 ? result.stdout : undefined;
    };

    // What the demo makes, `--down` takes down.
    await ask("config", "set", "deletionProtection", "false");
    await run("up", "--yes", "--skip-preview");
    const { url, address } = JSON.parse((await ask("stack", "output", "--json")) ?? "{}");
    if (!url || !address)
        throw new Error("The stack has no outputs `url` and `address`: is another program deployed?");
    return { url, address, run, ask };
}
