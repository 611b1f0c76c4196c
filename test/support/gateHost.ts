import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Files } from "./contentHost.ts";
import { PYTHON } from "./python.ts";

/** A gate's program on a host that is none: nobody serves the releases, and what a log says is the test's. */
export interface GateHost extends AsyncDisposable {
    /** Runs to its end; rejects with what it complained of. */
    run(verb: "publish" | "keep", files: Files, options?: GateOptions): Promise<string>;
    lapse(): Promise<string>;
    /** The same, and does not wait for the end. */
    start(verb: "publish" | "keep", files: Files, options?: GateOptions): Running;
    /** nginx tells of a request that has ended now. */
    answers(status: number, took?: number): void;
    /** What its timer was told. */
    timers(): string[];
    /** The status of the health path. */
    health: number;
}

export interface Running {
    ended: Promise<string>;
    child: ChildProcess;
    /** Resolves when it has printed this. */
    printed(text: string): Promise<void>;
}

export interface GateOptions {
    settings?: string;
    seconds?: number;
    requests?: number;
    lease?: number;
    hosts?: string;
    php?: string;
}

export async function gateHost(root: string): Promise<GateHost> {
    writeFileSync(join(root, "gate.py"), DRIVER);
    const log = join(root, "gate.log");
    const server = await healthServer(() => host.health);
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/healthz`;
    const spawned = (words: string[], input: string): Running => {
        const child = spawn(PYTHON, ["-B", join(root, "gate.py"), "src/web/onhost", root, ...words]);
        let [stdout, stderr] = ["", ""];
        const waiting: (() => void)[] = [];
        child.stdout.on("data", (chunk) => {
            stdout += chunk;
            for (const look of waiting) look();
        });
        child.stderr.on("data", (chunk) => {
            stderr += chunk;
        });
        child.stdin.end(input);
        const ended = new Promise<string>((resolve, reject) => {
            child.on("close", (code) => (code === 0 ? resolve(stdout.trim()) : reject(new Error(stderr))));
        });
        ended.catch(() => undefined);
        const printed = (text: string) =>
            new Promise<void>((resolve, reject) => {
                const look = () => stdout.includes(text) && resolve();
                waiting.push(look);
                look();
                ended.then(() => reject(new Error(`ended without "${text}": ${stdout}`)), reject);
            });
        return { ended, child, printed };
    };
    const start: GateHost["start"] = (verb, { id }, options = {}) => {
        const { settings = "one", seconds = 0.4, requests = 5, lease, hosts = "probe-0", php } = options;
        const words = { group: "a", hosts, settings, errors: 1, latency: 500, seconds, requests, lease, php };
        const given = Object.entries({ ...words, health: url, log }).filter(
            ([, value]) => value !== undefined,
        );
        const flags = given.flatMap(([name, value]) => [`--${name}`, String(value)]);
        return spawned([verb, "shop-content", "probe-0", ...flags], `${id}\n`);
    };
    const host: GateHost = {
        health: 200,
        start,
        run: (verb, files, options) => start(verb, files, options).ended,
        lapse: () => spawned(["lapse", "shop-content", "probe-0"], "").ended,
        answers(status, took = 0.01) {
            appendFileSync(log, `${(Date.now() / 1000).toFixed(3)} ${status} ${took.toFixed(3)} ${status}\n`);
        },
        timers: () => {
            const told = join(root, "timers");
            return existsSync(told) ? readFileSync(told, "utf8").trim().split("\n") : [];
        },
        async [Symbol.asyncDispose]() {
            await new Promise((resolve) => server.close(resolve));
        },
    };
    return host;
}

const healthServer = (status: () => number): Promise<Server> =>
    new Promise((resolve) => {
        const server = createServer((_, response) => {
            response.writeHead(status()).end();
        });
        server.listen(0, "127.0.0.1", () => resolve(server));
    });

/** The program with other folders, and a timer that only says what it was told. */
const DRIVER = `
import sys
from pathlib import Path
programs, root = Path(sys.argv[1]), Path(sys.argv[2])
sys.path[:0] = [str(programs), str(programs.parent.parent / "content/onhost")]
sys.argv = ["site-gate", *sys.argv[3:]]
import content_places, content_store, gate_steps, gate_trial
content_store.ROLES, content_store.RUN = root / "roles", root / "run"
content_places.MADE = root / "made"
def told(*words):
    with open(root / "timers", "a") as timers:
        print(*words, file=timers)
gate_trial.start_timer = lambda role, host, seconds: told("in", seconds)
gate_steps.stop_timer = lambda role: told("stop")
exec(compile((programs / "site-gate").read_text(), "site-gate", "exec"))
`;
