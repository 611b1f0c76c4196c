import { setTimeout as sleep } from "node:timers/promises";
import { inBackground, reason } from "../api/background.ts";
import type { Context } from "./context.ts";
import type { Instance } from "./types.ts";

/** What an answer does not wait for: after all that was asked of the instance before, and as slow as actions are now. */
export function startWork(
    context: Context,
    instance: Instance,
    what: string,
    work: () => Promise<void>,
): void {
    inBackground(context, async () => {
        await context
            .inLine(instance.id, async () => {
                await sleep(context.actionMs(), undefined, { ref: false });
                await work();
            })
            .catch((error) => context.log(`${what} of instance ${instance.id} failed: ${reason(error)}`));
        await context.store.save();
    });
}
