import type { Limits } from "../../local/vultr/context.ts";
import type { FakeMachines } from "./fakeMachines.ts";
import { type Client, type Json, localApis, type Surroundings } from "./localApis.ts";

export { gate, type Json, vultrKey } from "./localApis.ts";

export interface TestVultr extends Client, Surroundings {
    /** A new instance, waited for until it is active. */
    instance(overrides?: Record<string, unknown>): Promise<Json>;
    /** The host beneath it. */
    hostOf(instance: Json): ReturnType<FakeMachines["hosts"]["get"]>;
}

interface TestOptions {
    limits?: Partial<Limits>;
    stateDir?: string;
    machines?: FakeMachines;
}

export const settings = { region: "fra", plan: "vc2-1c-1gb", os_id: 2136 };

export async function testVultr({ limits = {}, ...options }: TestOptions = {}): Promise<TestVultr> {
    const { vultr, digitalocean: _, ...surroundings } = await localApis({ ...options, vultr: limits });
    return Object.assign(withInstances(vultr), surroundings, {
        hostOf: ({ id }: Json) =>
            [...surroundings.machines.hosts.values()].find(({ spec }) => spec.instanceId === id),
    });
}

/** The client, which can wait for an instance. */
export function withInstances(api: Client): Client & Pick<TestVultr, "instance"> {
    let count = 0;
    return Object.assign(api, {
        async instance(overrides: Record<string, unknown> = {}) {
            const wanted = { ...settings, hostname: `host-${++count}` };
            const { status, body } = await api.call("POST", "/v2/instances", { ...wanted, ...overrides });
            if (status !== 202) throw new Error(`${status} ${JSON.stringify(body)}`);
            const path = `/v2/instances/${body.instance.id}`;
            return (await api.until(path, (answer) => answer.body.instance.status !== "pending")).body
                .instance;
        },
    });
}
