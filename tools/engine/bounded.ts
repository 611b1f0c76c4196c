import { execa } from "execa";
import { headline, lastLine } from "../../local/progress.ts";
import { asFullDisk } from "../../local/system/fullDisk.ts";
import { Unable } from "../../local/system/packages.ts";

export interface Attempt {
    /** What the user is told is going on, and the name under which a failure is remembered. */
    what: string;
    command: string;
    args: string[];
    env: Record<string, string>;
    patienceMs: number;
}

/** Runs a download that may hang; answers why it failed, or undefined when it did not. */
export async function failureOf(attempt: Attempt): Promise<string | undefined> {
    const progress = headline(`downloading ${attempt.what}`);
    const run = execa(attempt.command, attempt.args, {
        env: attempt.env,
        all: true,
        stdin: "ignore",
        detached: true,
        reject: false,
    });
    run.all.on("data", (chunk) => progress.detail(String(chunk)));
    let timedOut = false;
    const timer = setTimeout(() => {
        timedOut = true;
        // The whole group: a downloader's own children would keep running, and its output open.
        if (run.pid) process.kill(-run.pid, "SIGKILL");
    }, attempt.patienceMs);
    const result = await run;
    clearTimeout(timer);
    if (result.exitCode === 0) {
        progress.end("done");
        return undefined;
    }
    const reason = timedOut
        ? `no answer within ${attempt.patienceMs / 1000} s`
        : lastLine(result.all) || result.shortMessage || "failed";
    progress.end(`not available here: ${reason}`);
    // No reason to do without it, and to remember that for a day.
    const full = asFullDisk(new Error(result.all));
    if (full instanceof Unable) throw full;
    return reason;
}
