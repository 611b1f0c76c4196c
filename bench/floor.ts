import type { Cloud } from "../local/clouds/clouds.ts";
import { apiOf, onHost } from "../test/support/flagship.ts";

const SOON = { region: "fra1", size: "s-1vcpu-1gb", image: "debian-12-x64" };

/** Makes hosts through the API and installs packages on all of them at once, with nothing else in the way; their names. */
export async function installedHosts(cloud: Cloud, hosts: string[][]): Promise<string[]> {
    const api = apiOf(cloud);
    return Promise.all(
        hosts.map(async (packages, i) => {
            const name = `floor-${i}`;
            await api("POST", "/v2/droplets", { ...SOON, name });
            await booted(cloud, name);
            const install = "DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install";
            await onHost(cloud, name, `${install} ${packages.join(" ")}`);
            return name;
        }),
    );
}

async function booted(cloud: Cloud, name: string): Promise<void> {
    const deadline = Date.now() + 120_000;
    while (Date.now() < deadline) {
        const state = await onHost(cloud, name, "cloud-init status --wait && systemctl is-active ssh").catch(
            () => "",
        );
        if (state.endsWith("active")) return;
    }
    throw new Error(`${name} did not boot within two minutes`);
}

export async function seconds(work: () => Promise<unknown>): Promise<number> {
    const start = performance.now();
    await work();
    return Math.round((performance.now() - start) / 100) / 10;
}
