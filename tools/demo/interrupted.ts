import type { CloudApi } from "../cloudApi.ts";
import { succeeds, within } from "../waiting.ts";
import { type Ask, idsOf, type Resource, stateOf } from "./state.ts";

const REMOVAL_SECONDS = 120;

interface Listed {
    id?: number | string;
    ip?: string;
    name?: string;
}

/** Where the API lists what the engine may have been creating when it was killed. */
const LISTS: Record<string, { path: string; field: string }> = {
    "digitalocean:index/droplet:Droplet": { path: "/v2/droplets", field: "droplets" },
    "digitalocean:index/firewall:Firewall": { path: "/v2/firewalls", field: "firewalls" },
    "digitalocean:index/reservedIp:ReservedIp": { path: "/v2/reserved_ips", field: "reserved_ips" },
    "digitalocean:index/sshKey:SshKey": { path: "/v2/account/keys", field: "ssh_keys" },
    "digitalocean:index/vpc:Vpc": { path: "/v2/vpcs", field: "vpcs" },
};

/** Makes a stack whose last `up` was cut off ready for the next one, which goes on from there. */
export async function goOnFrom(api: Pick<CloudApi, "call">, backend: string, ask: Ask): Promise<void> {
    const state = await stateOf(ask);
    const { resources = [], pending_operations: pending = [] } = state.deployment;
    const stack = resources.find(({ type }) => type === "pulumi:pulumi:Stack");
    const neverFinished = resources.length > 0 && Object.keys(stack?.outputs ?? {}).length === 0;
    if (!neverFinished && pending.length === 0) return;
    console.log("  The last `pulumi up` did not finish: this one goes on from there.");
    if (pending.length === 0) return;

    for (const { resource, type } of pending) {
        if (type === "creating") await removeHalfMade(api, backend, resource);
    }
    // The engine would warn of them with every command.
    const { pending_operations: _, ...settled } = state.deployment;
    await ask(["stack", "import"], JSON.stringify({ ...state, deployment: settled }));
}

/** What came to be without the engine's having been told: no stack has it, and its name is the one wanted. */
async function removeHalfMade(
    api: Pick<CloudApi, "call">,
    backend: string,
    { type, inputs = {} }: Resource,
): Promise<void> {
    const list = LISTS[type];
    if (!list) return;
    const { path, field } = list;
    const present = (await api.call("GET", `${path}?per_page=200`))[field] as Listed[];
    const owned = idsOf(backend, type);
    for (const { id, ip, name } of present) {
        const own = String(ip ?? id);
        if (owned.has(own) || name !== inputs.name) continue;
        console.log(`  ${name ?? own} was being created: it is removed, and made anew.`);
        // What the cloud is creating still cannot be removed yet.
        const isRemoved = () => succeeds(api.call("DELETE", `${path}/${own}`));
        await within(REMOVAL_SECONDS, `${name ?? own} to be removed`, isRemoved, 500);
    }
}
