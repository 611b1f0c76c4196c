import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { PYTHON } from "./python.ts";

/** What stands for a host of a one-way sync, so that its programs run here: folders of its own, and stubs for ssh and rsync. */
export interface SyncHost extends Disposable {
    /** `PATH` below the host's folders: `tree`, `state`, `run`. */
    write(path: string, text?: string): void;
    read(path: string): string;
    has(path: string): boolean;
    remove(path: string): void;
    /** What a target says to `hello`, or null if it is not reached. */
    answers(host: string, hello: Record<string, unknown> | null): void;
    /** What happens when rsync runs, as bash: `$1` and so on are its arguments, `PASS` its number from 1. */
    rsync(script: string): void;
    /** How ssh and rsync were called, one line each. */
    calls(): string[];
    /** What came on rsync's stdin, run by run. */
    lists(): string[];
    push(args: string[], input?: string, env?: Record<string, string>): Promise<Ended>;
    /** One connection: the command and what follows it. */
    serve(input: string): Promise<Ended>;
    /** A line of the host's status. */
    status(what: string): Promise<Ended>;
}

export interface Ended {
    exitCode: number | undefined;
    stdout: string;
    stderr: string;
}

const PROGRAMS = "src/sync/onhost";
export const NAME = "site";
/** Of a target that is well, and has the tree. */
export const WELL = {
    ...{ host: "web-1", marker: true, empty: false, complete: true, arrived: 1000, free: 1e9, inodes: 1e6 },
    received: { status: 0, skipped: 0, said: "" },
};

export function syncHost(settings: Record<string, unknown> = {}): SyncHost {
    const root = mkdtempSync(join(tmpdir(), "evenkeel-sync-"));
    const at = (path: string) => join(root, path);
    const write = (path: string, text = "") => {
        mkdirSync(dirname(at(path)), { recursive: true });
        writeFileSync(at(path), text);
    };
    const stub = (name: string, text: string) => {
        write(`bin/${name}`, `#!/bin/bash\nROOT=${root}\n${text}`);
        chmodSync(at(`bin/${name}`), 0o755);
    };
    const config = {
        ...{
            name: NAME,
            host: "web-0",
            path: at("tree"),
            mode: "oneWay",
            user: "sync-site",
            group: "www-data",
        },
        ...{
            source: "web-0",
            hosts: ["web-0", "web-1"],
            exclude: ["*.tmp", "/cache"],
            maxDelete: 10,
            every: null,
        },
        ...settings,
    };
    write(`etc/${NAME}.json`, JSON.stringify(config));
    for (const folder of ["tree", "calls", `state/${NAME}`, `run/evenkeel-sync-${NAME}`]) {
        mkdirSync(at(folder), { recursive: true });
    }
    stub("ssh", SSH);
    stub("rsync", RSYNC);
    stub("rrsync", RRSYNC);
    write("driver.py", DRIVER);
    write("max_user_watches", "1000");
    const run = async (program: string, args: string[], input = "", env = {}): Promise<Ended> => {
        const { exitCode, stdout, stderr } = await execa(
            PYTHON,
            ["-B", at("driver.py"), root, `${PROGRAMS}/${program}`, NAME, ...args],
            {
                input,
                reject: false,
                env: { PATH: `${at("bin")}:${process.env.PATH}`, EVENKEEL_SYNC_PATIENCE_S: "0", ...env },
            },
        );
        return { exitCode, stdout, stderr };
    };
    return {
        write,
        read: (path) => readFileSync(at(path), "utf8"),
        has: (path) => existsSync(at(path)),
        remove: (path) => rmSync(at(path), { recursive: true, force: true }),
        answers: (host, hello) => write(`answers/${host}`, hello === null ? "" : JSON.stringify(hello)),
        rsync: (script) => write("rsync.sh", script),
        calls: () => lines(at("calls/all")).map((line) => line.replaceAll(root, "")),
        lists: () => lines(at("calls/lists")),
        push: (args, input, env) => run("sync-push", args, input, env),
        status: (what) => run("sync-status", [what]),
        serve: (input) => run("sync-serve", [], input),
        [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
    };
}

function lines(path: string): string[] {
    try {
        return readFileSync(path, "utf8").split("\n").slice(0, -1);
    } catch {
        return [];
    }
}

const SSH = `
for last; do :; done
host=\${@: -2:1}
echo "ssh $host $last" >>$ROOT/calls/all
if [[ ! -s $ROOT/answers/$host ]]; then echo "ssh: connect to host $host: No route to host" >&2; exit 255; fi
if [[ $last == hello ]]; then cat $ROOT/answers/$host; fi
`;

const RSYNC = `
echo "rsync \${*@Q}" >>$ROOT/calls/all
PASS=$(grep -c ^rsync $ROOT/calls/all)
tr '\\0' ' ' >>$ROOT/calls/lists && echo >>$ROOT/calls/lists
if [[ -e $ROOT/rsync.sh ]]; then . $ROOT/rsync.sh; fi
`;

const RRSYNC = `
echo "rrsync $* | $SSH_ORIGINAL_COMMAND" >>$ROOT/calls/all
if [[ -e $ROOT/rsync.sh ]]; then . $ROOT/rsync.sh; fi
`;

/** The programs' folders are below one of the test's. */
const DRIVER = `
import runpy, sys
root, program = sys.argv[1:3]
sys.path.insert(0, "${PROGRAMS}")
import sync_ended, sync_local, sync_service
sync_local.SETTINGS, sync_local.STATES, sync_local.RUNS = f"{root}/etc", f"{root}/state", f"{root}/run"
sync_ended.LIMIT = f"{root}/max_user_watches"
sync_service.RRSYNC = f"{root}/bin/rrsync"
sync_service.PATIENCE_S = sync_service.ENDING_S = 0.2
sys.argv = [program, *sys.argv[3:]]
runpy.run_path(program, run_name="__main__")
`;
