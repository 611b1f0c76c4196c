import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const WAIT_MS = 15 * 60_000;

/** Runs the work while no other process holds the lock file; a lock whose holder has died is void. */
export async function withLock<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const deadline = Date.now() + WAIT_MS;
    let told = false;
    while (!take(path)) {
        if (Date.now() > deadline) throw new Error(`${path} is still held by process ${holder(path)}`);
        if (!told) console.error(`Waiting for process ${holder(path)}, which is at the same work ...`);
        told = true;
        await sleep(500);
    }
    try {
        return await work();
    } finally {
        rmSync(path, { force: true });
    }
}

function take(path: string): boolean {
    try {
        writeFileSync(path, `${process.pid}\n`, { flag: "wx" });
        return true;
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const pid = holder(path);
    if (pid !== undefined && !isAlive(pid)) rmSync(path, { force: true });
    return false;
}

/** Undefined while the file is being written or was just removed. */
function holder(path: string): number | undefined {
    try {
        return Number(readFileSync(path, "utf8")) || undefined;
    } catch {
        return undefined;
    }
}

export function isAlive(pid: number): boolean {
    try {
        process.kill(pid, 0);
        return true;
    } catch (error) {
        return (error as NodeJS.ErrnoException).code === "EPERM";
    }
}
