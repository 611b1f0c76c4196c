import { spawn } from "node:child_process";
import { once } from "node:events";
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
        // Nobody waits for them.
        plugins.unref();
        const ports = once(plugins.stdout, "data").then(([text]) => `${text}`.trim());
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
