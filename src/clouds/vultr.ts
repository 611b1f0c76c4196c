import { createRequire } from "node:module";
import type * as Sdk from "@ediri/vultr";
import * as pulumi from "@pulumi/pulumi";
import type { Catalogue, Cloud, CloudFirewall, Inbound, Wanted } from "./cloud.ts";

const require = createRequire(import.meta.url);
// An optional peer: a program that never names this cloud does not need its SDK, nor the engine its plugin.
const sdk = (): typeof Sdk => require("@ediri/vultr");

const INSTANCE = "vultr:index/instance:Instance";

/** What was asked, one for each provider of a run: the plugin keeps half a second between two calls. */
const asked = new WeakMap<object, Map<string, Promise<Catalogue | undefined>>>();

/** As the provider's plugin looks for it. */
const hasKey = () => !!(sdk().config.apiKey || process.env.VULTR_API_KEY);

type Find<Found> = (
    args: { filters: { name: string; values: string[] }[] },
    opts: pulumi.InvokeOptions,
) => Promise<Found>;

/** The one of this id, or nothing when there is none. The provider tells no lists. */
async function byId<Found>(
    find: Find<Found>,
    id: string,
    opts: pulumi.InvokeOptions,
): Promise<Found | undefined> {
    try {
        return await find({ filters: [{ name: "id", values: [id] }] }, opts);
    } catch (error) {
        if (String(error).includes("no results were found")) return undefined;
        throw error;
    }
}

async function askCatalogue(
    { region, size }: Wanted,
    opts: pulumi.InvokeOptions,
): Promise<Catalogue | undefined> {
    const { getRegion, getPlan } = sdk();
    try {
        const [place, plan] = await Promise.all([
            byId(getRegion, region, opts),
            size === undefined ? undefined : byId(getPlan, size, opts),
        ]);
        const sizes = size !== undefined && plan ? [size] : [];
        const fits = plan?.locations.includes(region);
        return { regions: place ? [{ slug: region, sizes: fits ? sizes : [] }] : [], sizes, isWhole: false };
    } catch {
        // Whatever it is, a key that is refused or no network: what is to be created tells it better.
        return undefined;
    }
}

/** One firewall group may have a rule once, whoever asks for it; by the run that made it. */
const rules = new WeakMap<object, Set<string>>();

/**
 * Vultr, by its own terms: VPC, instance, firewall group, reserved IP. An instance has one firewall group, which has rules for what
 * comes in alone: all that goes out is open, and what a pair opens is open for all hosts of its site, each of which has a firewall
 * of its own.
 */
export const vultr: Cloud = {
    name: "vultr",
    /** An image goes by its number: Debian 12 x64. */
    defaults: { size: "vc2-1c-1gb", image: "2136" },
    slugs: { region: /^[a-z]{3}$/, size: /^v(c2|cg|bm|dc|hf|hp|oc|x1)-/ },

    catalogue(component) {
        const provider = component.getProvider(INSTANCE);
        if (!provider && !hasKey()) return undefined;
        const asker = provider ?? (pulumi.runtime.getMonitor() as object | undefined) ?? component;
        const known = asked.get(asker) ?? new Map();
        asked.set(asker, known);
        return (wanted) => {
            const key = `${wanted.region} ${wanted.size}`;
            if (!known.has(key)) known.set(key, askCatalogue(wanted, { parent: component }));
            return known.get(key)!;
        };
    },

    guard(site, { tag }, opts) {
        const name = `${site}-firewall`;
        const group = new (sdk().FirewallGroup)(name, { description: tag }, opts);
        // Instances carry tags themselves; there is none without one.
        return { tag: pulumi.output(tag), firewall: { name, id: group.id }, resource: group };
    },

    network(name, { region, ipRange }, opts) {
        const [v4Subnet, size] = ipRange?.split("/") ?? [];
        const range = v4Subnet === undefined ? {} : { v4Subnet, v4SubnetMask: Number(size) };
        const vpc = new (sdk().Vpc)(name, { region, description: name, ...range }, opts);
        return { id: vpc.id, ipRange: pulumi.interpolate`${vpc.v4Subnet}/${vpc.v4SubnetMask}` };
    },

    sshKey: (name, { publicKey }, opts) => new (sdk().SSHKey)(name, { sshKey: publicKey }, opts).id,

    firewall(_name, { guard, hosts = [], inbound }, opts) {
        const behind = guard ? [guard.firewall] : hosts.map(({ firewall }) => firewall);
        const groups = new Map(behind.flatMap((group) => (group ? [[group.name, group]] : [])));
        for (const group of groups.values()) for (const rule of inbound) letIn(group, rule, opts);
    },

    host(name, { image, size, network, sshKey, firewall, ...args }, opts) {
        const instance = new (sdk().Instance)(
            name,
            {
                ...args,
                plan: size,
                osId: Number(image),
                label: name,
                hostname: name,
                vpcIds: [network],
                sshKeyIds: [sshKey],
                ...(firewall ? { firewallGroupId: firewall.id } : {}),
                activationEmail: false,
            },
            // A changed birth text must never replace a host that lives.
            pulumi.mergeOptions(opts, { ignoreChanges: ["userData", "sshKeyIds", "osId"] }),
        );
        return {
            id: instance.id,
            publicAddress: instance.mainIp,
            privateAddress: instance.internalIp,
            resource: instance,
        };
    },

    // Whom it is attached to is not declared: keepalived moves the address, and no update may drag it back.
    reservedAddress(name, { region }, opts) {
        const kept = pulumi.mergeOptions(opts, { ignoreChanges: ["instanceId"] });
        const reserved = new (sdk().ReservedIp)(name, { region, ipType: "v4", label: name }, kept);
        return { address: reserved.subnet, values: { "reserved-ip": reserved.id } };
    },

    // The reserved IP is an address of the instance's own, which it has to set up itself.
    moving: {
        programs: ["balancer/failover_vultr.bash"],
        conf: "INSTANCE_ID={{value host}}\nRESERVED_IP_ID={{value reserved-ip}}\n",
        arrivesAt: "{{value address}}",
        isCarried: true,
    },

    // https://docs.vultr.com/high-availability-on-vultr-with-floating-ip-and-bgp
    router: { neighbor: "169.254.169.254", asn: 64515, hops: 2 },

    dns: { programs: ["acme/acme_zones_vultr.py"], wait: 60 },

    inState: { host: INSTANCE, size: "plan", reservedAddress: "vultr:index/reservedIp:ReservedIp" },

    // Cloud Compute with regular performance; some regions cost more. What an account may send besides (2 TB) is not a stack's.
    prices: {
        date: "2026-07-03",
        sources: [
            "https://www.vultr.com/pricing/",
            "https://docs.vultr.com/support/products/network/are-reserved-ips-free",
        ],
        sizes: {
            "vc2-1c-1gb": { monthly: 5, transfer: 1 },
            "vc2-1c-2gb": { monthly: 10, transfer: 2 },
            "vc2-2c-2gb": { monthly: 15, transfer: 3 },
            "vc2-2c-4gb": { monthly: 20, transfer: 3 },
            "vc2-4c-8gb": { monthly: 40, transfer: 4 },
        },
        extraTransfer: 0.01,
        reservedAddress: 3,
    },

    // The provider has no setting for another one: the variable is the local cloud's.
    apiUrl: () => (process.env.VULTR_API_URL || "https://api.vultr.com").replace(/\/$/, ""),
};

function letIn(group: CloudFirewall, { protocol, ports, from }: Inbound, opts: pulumi.CustomResourceOptions) {
    for (const source of from) {
        // By what it says, and not by who asks for it: it stays when another component of this kind does.
        const name = [group.name, protocol, ...(ports === undefined ? [] : [ports]), sourceName(source)].join(
            "-",
        );
        if (isThere(name)) continue;
        const network = pulumi.output(source).apply(networkOf);
        new (sdk().FirewallRule)(
            name,
            {
                firewallGroupId: group.id,
                protocol,
                ipType: network.ipType,
                subnet: network.subnet,
                subnetSize: network.subnetSize,
                ...(ports === undefined ? {} : { port: ports.replace("-", ":") }),
            },
            opts,
        );
    }
}

function isThere(name: string): boolean {
    const run = (pulumi.runtime.getMonitor() as object | undefined) ?? rules;
    const known = rules.get(run) ?? new Set();
    rules.set(run, known);
    return known.has(name) || !known.add(name);
}

const ANYWHERE: Record<string, string> = { "0.0.0.0/0": "anywhere", "::/0": "anywhere-ipv6" };

/** A source that is known late is the site's own network. */
const sourceName = (source: pulumi.Input<string>) =>
    typeof source === "string" ? (ANYWHERE[source] ?? source.replaceAll(/[:/]/g, "-")) : "network";

function networkOf(source: string) {
    const [subnet = "", bits] = source.split("/");
    const isV6 = subnet.includes(":");
    return { ipType: isV6 ? "v6" : "v4", subnet, subnetSize: Number(bits ?? (isV6 ? 128 : 32)) };
}
