import { networkInterfaces } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { within } from "../../../../tools/waiting.ts";

/** What the web server at an address says, undefined when nothing answers. */
export async function get(address: string): Promise<string | undefined> {
    try {
        const response = await fetch(`http://${address}:8000/`, {
            headers: { connection: "close" },
            signal: AbortSignal.timeout(3000),
        });
        return (await response.text()).trim();
    } catch {
        return undefined;
    }
}

export const waitFor = (isTrue: () => boolean | Promise<boolean>, seconds = 60): Promise<void> =>
    within(seconds, `${isTrue}`, isTrue, 100);

/** Does the same again and again until something has ended. */
export async function until(work: () => Promise<unknown>, end: Promise<unknown>): Promise<void> {
    let ended = false;
    void end
        .catch(() => {})
        .then(() => {
            ended = true;
        });
    while (!ended) {
        await work();
        await sleep(100);
    }
}

/** An address of the machine towards the world. */
export function machineAddress(): string {
    const all = Object.entries(networkInterfaces()).filter(([name]) => !/^(evenkeel|ek)/.test(name));
    const address = all
        .flatMap(([, list]) => list ?? [])
        .find(({ family, internal }) => family === "IPv4" && !internal);
    return address?.address ?? "127.0.0.1";
}
