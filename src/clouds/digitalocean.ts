import { createRequire } from "node:module";
import type * as Sdk from "@pulumi/digitalocean";
import * as pulumi from "@pulumi/pulumi";
import type { Catalogue, Cloud, Inbound } from "./cloud.ts";

const require = createRequire(import.meta.url);
// An optional peer: a program that never names this cloud does not need its SDK, nor the engine its plugin.
const sdk = (): typeof Sdk => require("@pulumi/digitalocean");

/** One for each provider of a run. */
const catalogues = new WeakMap<object, Promise<Catalogue | undefined>>();

const DROPLET = "digitalocean:index/droplet:Droplet";

/** As the provider's plugin looks for it. */
const hasToken = () =>
    !!(sdk().config.token || process.env.DIGITALOCEAN_TOKEN || process.env.DIGITALOCEAN_ACCESS_TOKEN);

async function askCatalogue(opts: pulumi.InvokeOptions): Promise<Catalogue | undefined> {
    const { getRegions, getSizes } = sdk();
    try {
        const [{ regions }, { sizes }] = await Promise.all([getRegions({}, opts), getSizes({}, opts)]);
        return {
            regions: regions.map(({ slug, sizes }) => ({ slug, sizes })),
            sizes: sizes.map(({ slug }) => slug),
        };
    } catch {
        // Whatever it is, a token that is refused or no network: what is to be created tells it better.
        return undefined;
    }
}

/** DigitalOcean, by its own terms: VPC, droplet, cloud firewall, reserved IP. */
export const digitalocean: Cloud = {
    name: "digitalocean",
    defaults: { size: "s-1vcpu-1gb", image: "debian-12-x64" },
    slugs: { region: /^[a-z]{3}\d$/, size: /^(s|c|c2|g|gd|m|m3|m6|so|so1_5|gpu)-|^\d+(mb|gb)$/ },

    catalogue(component) {
        const provider = component.getProvider(DROPLET);
        if (!provider && !hasToken()) return undefined;
        const asker = provider ?? (pulumi.runtime.getMonitor() as object | undefined) ?? component;
        const known = catalogues.get(asker) ?? askCatalogue({ parent: component });
        catalogues.set(asker, known);
        return () => known;
    },

    network: (name, { region, ipRange }, opts) =>
        new (sdk().Vpc)(name, { region, ...(ipRange === undefined ? {} : { ipRange }) }, opts),

    sshKey: (name, args, opts) => new (sdk().SshKey)(name, args, opts).id,

    guard(site, { tag }, opts) {
        const resource = new (sdk().Tag)(`${site}-tag`, { name: tag }, opts);
        return { tag: resource.name, resource };
    },

    firewall(name, { guard, hosts = [], inbound, outbound }, opts) {
        new (sdk().Firewall)(
            name,
            {
                ...(guard ? { tags: [guard.tag] } : {}),
                ...(hosts.length
                    ? { dropletIds: hosts.map(({ id }) => pulumi.output(id).apply(Number)) }
                    : {}),
                inboundRules: inbound.map(inboundRule),
                outboundRules: outbound ? anywhere() : [],
            },
            opts,
        );
    },

    host(name, { network, sshKey, userData, firewall: _, ...args }, opts) {
        const droplet = new (sdk().Droplet)(
            name,
            { ...args, name, vpcUuid: network, sshKeys: [sshKey], userData, monitoring: true },
            // A changed birth text must never replace a host that lives.
            pulumi.mergeOptions(opts, { ignoreChanges: ["userData", "sshKeys", "image"] }),
        );
        return {
            id: droplet.id,
            publicAddress: droplet.ipv4Address,
            privateAddress: droplet.ipv4AddressPrivate,
            resource: droplet,
        };
    },

    // Only the region is declared: keepalived moves the address, and no update may drag it back.
    reservedAddress(name, { region }, opts) {
        const kept = pulumi.mergeOptions(opts, { ignoreChanges: ["dropletId"] });
        return { address: new (sdk().ReservedIp)(name, { region }, kept).ipAddress };
    },

    // What is sent to the reserved IP arrives at the droplet's anchor address.
    moving: {
        programs: ["balancer/failover_digitalocean.bash", "balancer/anchor"],
        conf: "DROPLET_ID={{value host}}\n",
        arrivesAt: "{{anchor}}",
        isCarried: false,
    },

    dns: { programs: ["acme/acme_zones_digitalocean.py"], wait: 20 },

    inState: {
        host: DROPLET,
        size: "size",
        reservedAddress: "digitalocean:index/reservedIp:ReservedIp",
    },

    // Basic droplets with regular processors. A reserved IP is free while a droplet has it.
    prices: {
        date: "2026-07-10",
        sources: [
            "https://www.digitalocean.com/pricing/droplets",
            "https://docs.digitalocean.com/products/networking/reserved-ips/details/pricing/",
        ],
        sizes: {
            "s-1vcpu-512mb-10gb": { monthly: 4, transfer: 0.5 },
            "s-1vcpu-1gb": { monthly: 6, transfer: 1 },
            "s-1vcpu-2gb": { monthly: 12, transfer: 2 },
            "s-2vcpu-2gb": { monthly: 18, transfer: 3 },
            "s-2vcpu-4gb": { monthly: 24, transfer: 4 },
            "s-4vcpu-8gb": { monthly: 48, transfer: 5 },
        },
        extraTransfer: 0.01,
        reservedAddress: 0,
    },

    apiUrl: () => (sdk().config.apiEndpoint ?? "https://api.digitalocean.com").replace(/\/$/, ""),
};

function inboundRule({ protocol, ports, from }: Inbound) {
    return { protocol, sourceAddresses: from, ...(ports === undefined ? {} : { portRange: ports }) };
}

function anywhere() {
    const destinationAddresses = ["0.0.0.0/0", "::/0"];
    return [
        { protocol: "icmp", destinationAddresses },
        { protocol: "tcp", portRange: "1-65535", destinationAddresses },
        { protocol: "udp", portRange: "1-65535", destinationAddresses },
    ];
}
