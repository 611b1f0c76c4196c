import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Socket } from "node:net";
import { join } from "node:path";
import { checkout } from "../../tools/paths.ts";

/** Stand-in plugins that run already: to start them is a quarter of a command's work. */
export interface RunningPlugins {
    /** What leads an engine to them. */
    env(): Promise<Record<string, string>>;
    end(): void;
}

/** They begin with the first command that wants them, and end with this process at the latest. */
export function runningPlugins(names: string[], env: NodeJS.ProcessEnv): RunningPlugins {
    let begun: ReturnType<typeof begin> | undefined;
    function begin() {
        const program = join(checkout, "local/plugins/running.ts");
        const plugins = spawn(process.execPath, [program, ...names], {
            env,
            stdio: ["pipe", "pipe", "inherit"],
        });
        const ended = once(plugins, "exit").then(([code]) => {
            throw new Error(`the stand-in plugins ended with ${code} before they answered`);
        });
        // Later on it is `end` that ends them, or this process.
        ended.catch(() => {});
        const ports = Promise.race([once(plugins.stdout, "data"), ended]).then(([text]) => {
            // Nobody waits for them any more, nor for their pipes.
            for (const each of [plugins, plugins.stdin, plugins.stdout])
                (each as ChildProcess | Socket).unref();
            return `${text}`.trim();
        });
        return { plugins, ports };
    }
    return {
        async env() {
            if (names.length === 0) return {};
            begun ??= begin();
            return { PULUMI_DEBUG_PROVIDERS: await begun.ports };
        },
        end: () => void begun?.plugins.kill(),
    };
}
