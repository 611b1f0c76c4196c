import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { CloudName } from "../clouds/cloud.ts";
import { cloudOf } from "../clouds/cloudOf.ts";
import type { Placement } from "../hosts/host.ts";
import { onceReady } from "../hosts/onceReady.ts";
import { ipRangeProblems, nameProblems, refuse, when } from "../hosts/validation.ts";

export interface SiteArgs {
    /** The cloud to stand in. */
    cloud: CloudName;
    /** Region slug of that cloud, such as "fra1". */
    region: string;
    /** Private range of the site's network, /16 to /28, such as "10.20.0.0/20". @default the cloud's choice */
    ipRange?: string;
    /** Addresses and ranges from which SSH is let in; keys only, whatever this says. @default everywhere */
    sshFrom?: string[];
}

/** A private network, an SSH key and a firewall in one region: the ground that hosts stand on. */
export class Site extends pulumi.ComponentResource {
    /** Where components create their hosts. */
    readonly placement: Placement;
    /** The key that opens SSH to the site's hosts, in OpenSSH form; a secret. */
    readonly privateKey: pulumi.Output<string>;

    constructor(name: string, args: SiteArgs, opts?: pulumi.ComponentResourceOptions) {
        validate(name, args);
        super("evenkeel:index:Site", name, args, opts);
        const { cloud: cloudName, region, ipRange, sshFrom = ["0.0.0.0/0", "::/0"] } = args;
        const cloud = cloudOf(cloudName);
        const child = { parent: this };

        // Tags are the account's, not the site's: two stacks with a site of one name must not share a firewall.
        const tag = cloud.tag(
            `${name}-tag`,
            { tag: `${pulumi.getProject()}-${pulumi.getStack()}-${name}` },
            child,
        );
        // Everything else comes after this first call, so that a token that the cloud refuses is one error.
        const afterTag = { ...child, dependsOn: tag.resource };
        const network = cloud.network(`${name}-network`, { region, ipRange }, afterTag);
        const key = new tls.PrivateKey(`${name}-ssh-key`, { algorithm: "ED25519" }, child);
        const sshKey = cloud.sshKey(`${name}-ssh-key`, { publicKey: key.publicKeyOpenssh }, afterTag);
        cloud.firewall(
            `${name}-firewall`,
            {
                tags: [tag.name],
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
            region: onceReady(region, tag.resource),
            network: network.id,
            sshKey,
            privateKey: this.privateKey,
            tag: tag.name,
        };
        this.registerOutputs({ placement: this.placement, privateKey: this.privateKey });
    }
}

function validate(name: string, { cloud, region, ipRange, sshFrom }: SiteArgs): void {
    const clouds = Object.values(CloudName);
    refuse("Site", name, [
        ...nameProblems("name", name),
        ...when(!clouds.includes(cloud), "cloud", `"${cloud}" is not a cloud: use ${clouds.join(" or ")}`),
        ...when(!region, "region", 'name a region, such as "fra1"'),
        ...ipRangeProblems("ipRange", ipRange),
        ...when(sshFrom?.length === 0, "sshFrom", "the list is empty: nothing could reach the hosts"),
    ]);
}
