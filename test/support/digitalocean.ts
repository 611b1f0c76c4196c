import type { Limits } from "../../local/digitalocean/context.ts";
import type { FakeMachines } from "./fakeMachines.ts";
import { type Client, type Json, localApis, type Surroundings } from "./localApis.ts";

export { gate, type Json, tokens } from "./localApis.ts";

export interface TestApi extends Client, Surroundings {
    /** A new droplet, waited for until it is active. */
    droplet(overrides?: Record<string, unknown>): Promise<Json>;
}

interface TestOptions {
    limits?: Partial<Limits>;
    stateDir?: string;
    machines?: FakeMachines;
}

export async function testApi({ limits = {}, ...options }: TestOptions = {}): Promise<TestApi> {
    const { digitalocean, vultr: _, ...surroundings } = await localApis({ ...options, digitalocean: limits });
    return Object.assign(withDroplets(digitalocean), surroundings);
}

/** The client, which can wait for a droplet. */
export function withDroplets(api: Client): Client & Pick<TestApi, "droplet"> {
    let count = 0;
    return Object.assign(api, {
        async droplet(overrides: Record<string, unknown> = {}) {
            const wanted = {
                name: `host-${++count}`,
                region: "fra1",
                size: "s-1vcpu-1gb",
                image: "debian-12-x64",
            };
            const { status, body } = await api.call("POST", "/v2/droplets", { ...wanted, ...overrides });
            if (status !== 202) throw new Error(`${status} ${JSON.stringify(body)}`);
            const path = `/v2/droplets/${body.droplet.id}`;
            return (await api.until(path, (answer) => answer.body.droplet.status === "active")).body.droplet;
        },
    });
}
