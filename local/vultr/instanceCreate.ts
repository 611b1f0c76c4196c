import { randomUUID } from "node:crypto";
import { type Body, boolean, integer, list, requiredString, string, strings } from "../api/input.ts";
import { freePublicAddress } from "../api/leases.ts";
import { parseRange } from "../network/addresses.ts";
import { fromBase64 } from "./base64.ts";
import { findPlan, findRegion, findSystem } from "./catalog.ts";
import { type Context, timestamp } from "./context.ts";
import { gone, invalid, notLocal } from "./errors.ts";
import { asParts } from "./parts.ts";
import type { Instance, Vpc } from "./types.ts";
import { freePrivateAddress, rangeOf } from "./vpcs.ts";
import { startWork } from "./work.ts";

/** Nothing in here waits, so two requests cannot be given one address. */
export function createInstance(context: Context, body: Body): Instance {
    const { state, store, limits } = context;
    const settings = readInstance(context, body);
    if (state.instances.length >= limits.instances) {
        throw invalid("You have reached the maximum number of active virtual machines for this account");
    }
    const address = freePublicAddress(context);
    if (!address) throw invalid("No address is left for a server");
    const { vpc, ...rest } = settings;
    const instance: Instance = {
        ...rest,
        id: randomUUID(),
        hostId: store.nextId(),
        status: "pending",
        createdAt: timestamp(),
        address,
        vpc: vpc ? { id: vpc.id, address: freePrivateAddress(context, vpc) } : null,
        isEnding: false,
    };
    state.instances.push(instance);
    startBoot(context, instance);
    return instance;
}

function readInstance(context: Context, body: Body) {
    const { state } = context;
    const region = requiredString(body, "region");
    if (!findRegion(region)) throw gone.region();
    const plan = findPlan(requiredString(body, "plan"));
    if (!plan) throw invalid("Invalid plan");
    for (const other of ["app_id", "image_id", "iso_id", "snapshot_id"]) {
        if (body[other]) throw notLocal(`A server from ${other}`);
    }
    const system = findSystem(integer(body, "os_id"));
    if (!system) throw invalid("Invalid operating system");
    if (boolean(body, "disable_public_ipv4")) throw notLocal("A server without a public IPv4 address");
    if (string(body, "reserved_ipv4")) throw notLocal("A reserved IP as the main address of a server");
    if (list(body, "attach_vpc2").length > 0) throw invalid("VPC2 is no longer supported");
    const hostname = string(body, "hostname") || hostnameFrom(string(body, "label") ?? "");
    if (!/^[a-zA-Z0-9]([a-zA-Z0-9.-]{0,61}[a-zA-Z0-9])?$/.test(hostname)) throw invalid("Invalid hostname");
    const scriptId = string(body, "script_id");
    const script = state.scripts.find(({ id }) => id === scriptId);
    if (scriptId && !script) throw gone.script();
    if (boolean(body, "enable_ipv6")) {
        context.log("IPv6 was asked for: hosts of the local cloud have IPv4 only");
    }
    return {
        label: string(body, "label") ?? "",
        hostname,
        region,
        plan: plan.id,
        osId: system.id,
        tags: tagsOf(body),
        features: featuresOf(body),
        groupId: readGroup(context, body),
        vpc: readVpcs(context, strings(body, "attach_vpc"), region),
        publicKeys: strings(body, "sshkey_id").map((id) => {
            const key = state.keys.find((candidate) => candidate.id === id);
            if (!key) throw gone.key();
            return key.publicKey.trim();
        }),
        userData: fromBase64(string(body, "user_data") ?? "", "user_data"),
        script: script?.type === "boot" ? fromBase64(script.script, "script") : "",
        backups: string(body, "backups") === "enabled" ? { type: "daily", hour: 0, dow: 0, dom: 0 } : null,
    };
}

export const tagsOf = (body: Body) => [...new Set(strings(body, "tags"))];

export function readGroup({ state }: Context, body: Body): string {
    const id = string(body, "firewall_group_id") ?? "";
    if (id && !state.groups.some((group) => group.id === id)) throw gone.firewallGroup();
    return id;
}

/** A host of the local cloud has one private interface. */
export function readVpcs({ state }: Context, ids: string[], region: string): Vpc | undefined {
    if (ids.length > 1) throw notLocal("A server in several VPC networks");
    const vpc = state.vpcs.find(({ id }) => id === ids[0]);
    if (ids.length > 0 && vpc?.region !== region) throw gone.vpc();
    return vpc;
}

function featuresOf(body: Body): string[] {
    return [
        ...(string(body, "backups") === "enabled" ? ["auto_backups"] : []),
        ...(boolean(body, "ddos_protection") ? ["ddos_protection"] : []),
        ...(boolean(body, "enable_ipv6") ? ["ipv6"] : []),
    ];
}

function hostnameFrom(label: string): string {
    const name = label.replace(/[^a-zA-Z0-9.-]+/g, "-").slice(0, 63);
    return name.replace(/^[.-]+|[.-]+$/g, "") || "vultr";
}

/** Also from the start again, when the API's end cut it short. */
export function startBoot(context: Context, instance: Instance, again = false): void {
    startWork(context, instance, "create", async () => {
        if (again) await context.machines.destroyHost(instance.hostId);
        try {
            await boot(context, instance);
            instance.status = "active";
        } catch (error) {
            // It ends a client's wait for "active" at once.
            instance.status = "suspended";
            throw error;
        }
    });
}

async function boot(context: Context, instance: Instance): Promise<void> {
    const { machines, slice, gateway, filters } = context;
    const plan = findPlan(instance.plan)!;
    await machines.createHost({
        id: instance.hostId,
        instanceId: instance.id,
        name: instance.hostname,
        memoryMb: plan.ram,
        vcpus: plan.vcpu_count,
        publicAddress: instance.address,
        publicPrefix: slice.hostPrefix,
        gateway,
        ...privatePlace(context, instance),
        userData: asParts([instance.userData, instance.script]),
        publicKeys: instance.publicKeys,
    });
    await filters.apply();
}

export function privatePlace({ state }: Context, { vpc }: Instance) {
    const network = state.vpcs.find(({ id }) => id === vpc?.id);
    if (!vpc || !network) return undefined;
    const { prefix } = parseRange(rangeOf(network))!;
    return { privateAddress: vpc.address, privatePrefix: prefix, networkId: vpc.id };
}
