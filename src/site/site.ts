import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { cloudOf } from "../clouds/cloudOf.ts";
import { refuseWrong } from "../hosts/arguments.ts";
import { onceInCatalogue } from "../hosts/catalogue.ts";
import type { Placement } from "../hosts/host.ts";
import { onceReady } from "../hosts/onceReady.ts";
import type { SiteArgs } from "./args.ts";
import { claimRange } from "./ranges.ts";
import { siteArguments } from "./validate.ts";

/** A private network, an SSH key and a firewall in one region: the ground that hosts stand on. */
export class Site extends pulumi.ComponentResource {
    /** Where components create their hosts. */
    readonly placement: Placement;
    /** The key that opens SSH to the site's hosts, in OpenSSH form; a secret. */
    readonly privateKey: pulumi.Output<string>;

    constructor(name: string, args: SiteArgs, opts?: pulumi.ComponentResourceOptions) {
        refuseWrong("Site", name, args, siteArguments);
        if (args.ipRange !== undefined) claimRange(name, args.ipRange);
        super("evenkeel:index:Site", name, args, opts);
        const { cloud: cloudName, region, ipRange, sshFrom = ["0.0.0.0/0", "::/0"] } = args;
        const cloud = cloudOf(cloudName);
        const slugs = { region: { at: "region", slug: region } };
        const child = onceInCatalogue(name, cloudName, slugs, { parent: this });

        // Tags are the account's, not the site's: two stacks with a site of one name must not share a firewall.
        const guard = cloud.guard(name, { tag: tagOf(name) }, child);
        // Everything else comes after this first call, so that a token that the cloud refuses is one error.
        const afterGuard = pulumi.mergeOptions(child, { dependsOn: guard.resource });
        const network = cloud.network(`${name}-network`, { region, ipRange }, afterGuard);
        const key = new tls.PrivateKey(`${name}-ssh-key`, { algorithm: "ED25519" }, child);
        const sshKey = cloud.sshKey(`${name}-ssh-key`, { publicKey: key.publicKeyOpenssh }, afterGuard);
        cloud.firewall(
            `${name}-firewall`,
            {
                guard,
                inbound: [
                    { protocol: "tcp", ports: "22", from: sshFrom },
                    { protocol: "icmp", from: ["0.0.0.0/0", "::/0"] },
                    // Among the site's hosts, each host's own firewall decides.
                    { protocol: "tcp", ports: "1-65535", from: [network.ipRange] },
                    { protocol: "udp", ports: "1-65535", from: [network.ipRange] },
                ],
                outbound: true,
            },
            child,
        );

        this.privateKey = key.privateKeyOpenssh;
        this.placement = {
            cloud: cloudName,
            region: onceReady(region, guard.resource),
            network: network.id,
            sshKey,
            privateKey: this.privateKey,
            tag: guard.tag,
            ...(guard.firewall ? { firewall: guard.firewall } : {}),
        };
        this.registerOutputs({ placement: this.placement, privateKey: this.privateKey });
    }
}

/** A tag has no dots; projects and stacks have no colons. */
const tagOf = (site: string) => `${pulumi.getProject()}-${pulumi.getStack()}-${site}`.replaceAll(".", ":");
