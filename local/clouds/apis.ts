import { once } from "node:events";
import type { AddressInfo, Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { CloudContext } from "../api/context.ts";
import { createMetadataApp } from "../api/metadata.ts";
import { openStore } from "../api/store.ts";
import { openAuthority } from "../authority/authority.ts";
import { createProxy } from "../authority/proxy.ts";
import { type DigitalOceanOptions, openDigitalOcean } from "../digitalocean/api.ts";
import { METADATA_PORT } from "../network/metadata.ts";
import { openVultr, type VultrOptions } from "../vultr/api.ts";

type Given = "machines" | "slice" | "gateway" | "log";

export interface ApisOptions extends Pick<CloudContext, Given> {
    stateDir: string;
    digitalocean: DigitalOceanOptions & Listening;
    vultr: VultrOptions & Listening;
    /** @default 8081 */
    metadataPort?: number;
    proxy: Listening;
}

interface Listening {
    port: number;
}

export interface Apis {
    /** Where each provider's API answers. */
    digitalocean: string;
    vultr: string;
    metadata: string;
    /** What answers in place of the providers, for clients that trust the authority. */
    proxy: string;
    close(): Promise<void>;
}

/** Serves the APIs of one local cloud from its state on disk, and brings its hosts in line with that state. */
export async function startApis(options: ApisOptions): Promise<Apis> {
    const { machines, slice, gateway, log } = options;
    const ending = new AbortController();
    const cloud: CloudContext = {
        store: await openStore(options.stateDir),
        machines,
        slice,
        gateway,
        log,
        taken: [],
        background: new Set(),
        ending: ending.signal,
    };
    const digitalocean = await openDigitalOcean(cloud, options.digitalocean);
    const vultr = await openVultr(cloud, options.vultr);
    const metadata = createMetadataApp([digitalocean.metadata, vultr.metadata]);
    const apps = [digitalocean.app, vultr.app, metadata];
    const names = { "api.digitalocean.com": digitalocean.app, "api.vultr.com": vultr.app };
    const proxy = await createProxy(await openAuthority(options.stateDir), names, log);
    await digitalocean.app.listen({ host: gateway, port: options.digitalocean.port });
    await vultr.app.listen({ host: gateway, port: options.vultr.port });
    await metadata.listen({ host: gateway, port: options.metadataPort ?? METADATA_PORT });
    proxy.server.listen(options.proxy.port, gateway);
    await once(proxy.server, "listening");
    return {
        digitalocean: urlOf(digitalocean.app.server),
        vultr: urlOf(vultr.app.server),
        metadata: urlOf(metadata.server),
        proxy: urlOf(proxy.server),
        async close() {
            ending.abort();
            proxy.close();
            await Promise.all(apps.map((app) => app.close()));
            // What takes longer, such as a boot, is taken up again at the next start.
            await Promise.race([Promise.all(cloud.background), sleep(10_000, undefined, { ref: false })]);
            await cloud.store.save();
        },
    };
}

function urlOf(server: Server): string {
    const { address, port } = server.address() as AddressInfo;
    return `http://${address}:${port}`;
}
