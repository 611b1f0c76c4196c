import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { cacheDirectory } from "./directories.ts";
import { type Headline, headline } from "./progress.ts";

const locks = () => join(cacheDirectory(), "locks");

/** Does the work while no other process does: the kernel's lock, which is let go however a holder ends. */
export async function withLock<Result>(
    name: string,
    holder: string,
    work: () => Promise<Result>,
): Promise<Result> {
    mkdirSync(locks(), { recursive: true });
    // flock holds the lock for as long as its command runs, and the command for as long as our end of the pipe is open.
    const lock = execa("flock", [join(locks(), name), "sh", "-c", "echo locked; exec cat"], {
        reject: false,
        buffer: false,
    });
    let progress: Headline | undefined;
    const waiting = setTimeout(() => {
        progress = headline(`waiting for ${holder}`);
    }, 1000);
    // No answer at all means a system without flock, where two builds at once are merely slow.
    await Promise.race([new Promise((resolve) => lock.stdout.once("data", resolve)), lock]);
    clearTimeout(waiting);
    progress?.end("done");
    try {
        return await work();
    } finally {
        lock.stdin.end();
        await lock;
    }
}
