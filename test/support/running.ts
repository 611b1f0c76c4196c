import { readdirSync, readFileSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";

/** A command of the engine that has not ended yet. */
export interface Running {
    /** Resolves when what it has printed matches; rejects when it ends without. */
    printed(pattern: RegExp): Promise<void>;
    /** Ends the engine, its language host and its plugins at once, as a power cut would. */
    kill(): Promise<void>;
    ended: Promise<unknown>;
}

type Subprocess = Promise<unknown> & { pid?: number | undefined; all: NodeJS.ReadableStream };

/** Watches a process that leads a session of its own. */
export function running(engine: Subprocess): Running {
    let output = "";
    let over = false;
    const waiting = new Set<() => void>();
    const tell = () => {
        for (const look of waiting) look();
    };
    engine.all.on("data", (chunk: Buffer) => {
        output += stripVTControlCharacters(`${chunk}`);
        tell();
    });
    const ended = engine.finally(() => {
        over = true;
        tell();
    });
    return {
        printed: (pattern) =>
            new Promise((resolve, reject) => {
                const look = () => {
                    if (!over && !pattern.test(output)) return;
                    waiting.delete(look);
                    if (pattern.test(output)) resolve();
                    else reject(new Error(`ended before it printed ${pattern}:\n${output.slice(-6000)}`));
                };
                waiting.add(look);
                look();
            }),
        async kill() {
            // What a dying process starts is found the next time round.
            for (let session = processesOf(engine.pid); session.length > 0; ) {
                for (const pid of session) killed(pid);
                await new Promise((resolve) => setTimeout(resolve, 20));
                session = processesOf(engine.pid);
            }
            await ended;
        },
        ended,
    };
}

/** The living processes of a session. */
function processesOf(session: number | undefined): number[] {
    return readdirSync("/proc")
        .filter((name) => /^\d+$/.test(name))
        .map(Number)
        .filter((pid) => {
            const [state, , , owner] = statOf(pid);
            return state !== "Z" && Number(owner) === session;
        });
}

/** The fields after the name: state, parent, process group, session and so on. */
function statOf(pid: number): string[] {
    try {
        const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
        return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    } catch {
        return [];
    }
}

function killed(pid: number): void {
    try {
        process.kill(pid, "SIGKILL");
    } catch {
        // It has just ended by itself.
    }
}
