import { createInterface } from "node:readline";
import { stripVTControlCharacters } from "node:util";
import { execa } from "execa";
import { headline } from "../../local/progress.ts";
import type { Engine } from "../engine/engine.ts";
import { hostProgress } from "./hostProgress.ts";

/** The user has ended the demo; what was begun is finished. */
export class Interrupted extends Error {}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Deploys, with one live line and a line for each host that is done; everything else that the engine says is shown. */
export async function up({ pulumi, env }: Engine, cwd: string, presentHosts: string[]): Promise<void> {
    // In a session of its own, so that a terminal's Ctrl-C does not reach it beside the one that is handed on.
    const engine = execa(pulumi, ["up", "--yes", "--non-interactive", "--color", "never"], {
        cwd,
        env,
        stdin: "ignore",
        all: true,
        buffer: false,
        reject: false,
        detached: true,
    });
    const hosts = hostProgress(presentHosts);
    const live = headline("up");
    const signals = handedOn(engine);
    try {
        for await (const line of createInterface({ input: engine.all })) {
            for (const lasting of hosts.take(stripVTControlCharacters(line))) live.lasting(lasting);
            live.detail(hosts.now());
        }
        const { exitCode } = await engine;
        for (const lasting of hosts.rest()) live.lasting(lasting);
        live.end(exitCode === 0 ? hosts.summary() : "not finished");
        if (signals.came())
            throw new Interrupted(
                "Interrupted: what is deployed so far stays, and `npm run demo` goes on from there.",
            );
        if (exitCode !== 0)
            throw new Error(
                `\`pulumi up\` ended with ${exitCode}; what is deployed stays, and this can be repeated.`,
            );
    } finally {
        signals.end();
    }
}

/** The engine knows how to stop, and says so: SIGINT has it finish what it has begun, a second one ends it at once. */
function handedOn(engine: { kill(signal: "SIGINT"): boolean }) {
    let last: number | undefined;
    const handOn = () => {
        const now = performance.now();
        // npm hands on to its scripts what the terminal has sent them already.
        if (last !== undefined && now - last < 500) return;
        last = now;
        engine.kill("SIGINT");
    };
    for (const signal of SIGNALS) process.on(signal, handOn);
    return {
        came: () => last !== undefined,
        end() {
            for (const signal of SIGNALS) process.off(signal, handOn);
        },
    };
}
