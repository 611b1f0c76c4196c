import { headline } from "../../local/progress.ts";
import type { CloudApi, Droplet } from "../cloudApi.ts";
import { releaseStaleLocks } from "../staleLocks.ts";
import { within } from "../waiting.ts";
import { type Ask, stateOf } from "./state.ts";

const IDLE_PATIENCE_SECONDS = 600;

/** Waits for an engine that works on the cloud's stacks still, such as that of a demo that was killed. */
export async function untilIdle(backend: string): Promise<void> {
    const busy = releaseStaleLocks(backend);
    if (busy.length === 0) return;
    const progress = headline(`waiting for Pulumi's process ${busy.join(", ")}, which works on the stack`);
    try {
        await within(
            IDLE_PATIENCE_SECONDS,
            `Pulumi's process ${busy.join(", ")} to end`,
            () => releaseStaleLocks(backend).length === 0,
        );
    } catch (error) {
        progress.end("failed");
        throw error;
    }
    progress.end("done");
}

/** Gives power to the stack's hosts that are off; tells the names of all. */
export async function powerOn(api: Pick<CloudApi, "call" | "power">, ask: Ask): Promise<string[]> {
    const { resources = [] } = (await stateOf(ask)).deployment;
    const droplets = resources.filter(({ type }) => type === "digitalocean:index/droplet:Droplet");
    const ids = new Set(droplets.map(({ id }) => Number(id)));
    const { droplets: present } = (await api.call("GET", "/v2/droplets?per_page=200")) as {
        droplets: (Droplet & { status: string })[];
    };
    const own = present.filter(({ id }) => ids.has(id));
    for (const host of own.filter(({ status }) => status === "off")) {
        await api.power(host, "power_on");
        console.log(`  ${host.name} was off: it has power again`);
    }
    return own.map(({ name }) => name);
}
