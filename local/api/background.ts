import type { CloudContext } from "./context.ts";

/** Work that goes on after its answer was sent. */
export function inBackground(
    { background, log }: Pick<CloudContext, "background" | "log">,
    work: () => Promise<void>,
): void {
    const running = work()
        .catch((error) => log(`background work failed: ${reason(error)}`))
        .finally(() => background.delete(running));
    background.add(running);
}

export function reason(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
}
