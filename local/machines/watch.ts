import { existsSync } from "node:fs";

const EVERY_MS = 200;

/** Looks after the hosts' init processes, and tells once when one has ended. */
export function watchInits(ended: (id: number) => void) {
    const inits = new Map<number, number>();
    const timer = setInterval(() => {
        for (const [id, pid] of inits) {
            if (existsSync(`/proc/${pid}`)) continue;
            inits.delete(id);
            ended(id);
        }
    }, EVERY_MS);
    timer.unref();
    return {
        watch: (id: number, pid: number) => void inits.set(id, pid),
        forget: (id: number) => void inits.delete(id),
        close: () => clearInterval(timer),
    };
}
