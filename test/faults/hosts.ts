import type { Cloud } from "../../local/clouds/clouds.ts";
import { findHost } from "../../local/commands/hosts.ts";
import { killContainer } from "../../local/machines/container.ts";
import { type Cut, cutHost } from "../../local/network/cuts.ts";
import { unplugHost } from "../../local/network/hostNetwork.ts";
import { within } from "../../tools/waiting.ts";

/** What it takes to do something to a deployed host. */
interface Deployed {
    cloud: Cloud;
    api(method: string, path: string, body?: unknown): Promise<Record<string, unknown>>;
}

/** Powers a host on or off, or shuts it down in good order, through the API and as soon as the API lets it. */
export async function power({ api }: Deployed, host: string, state: "on" | "off" | "down"): Promise<void> {
    const { droplets } = (await api("GET", "/v2/droplets")) as {
        droplets: { id: number; name: string }[];
    };
    const { id } = droplets.find(({ name }) => name === host)!;
    const type = state === "down" ? "shutdown" : `power_${state}`;
    const accepted = async () => {
        try {
            await api("POST", `/v2/droplets/${id}/actions`, { type });
            return true;
        } catch (error) {
            if (/pending event|already powered on/.test(String(error))) return false;
            throw error;
        }
    };
    await within(30, `${host} to be powered ${state}`, accepted, 500);
    await within(
        60,
        `${host} to be ${state}`,
        async () => {
            const { droplet } = (await api("GET", `/v2/droplets/${id}`)) as { droplet: { status: string } };
            return droplet.status === (state === "on" ? "active" : "off");
        },
        250,
    );
}

/** Nothing of the host's kernel is heard any more, and all its processes end at once. */
export async function pullPlug({ cloud }: Pick<Deployed, "cloud">, host: string): Promise<void> {
    const { id } = findHost(cloud, host);
    await unplugHost(cloud.name, id);
    await killContainer(cloud.name, id);
}

/** Drops packets of a host, or lets them through again. */
export const cutOff = ({ cloud }: Pick<Deployed, "cloud">, host: string, way: Cut | undefined) =>
    cutHost(cloud.name, findHost(cloud, host).id, way);
