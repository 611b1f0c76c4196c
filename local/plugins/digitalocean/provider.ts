import type { Provider } from "../kit/resource.ts";
import { configure } from "./api.ts";
import { dnsRecord } from "./dnsRecord.ts";
import { domain } from "./domain.ts";
import { droplet } from "./droplet.ts";
import { firewall } from "./firewall.ts";
import { functions } from "./functions.ts";
import { project } from "./project.ts";
import { projectResources } from "./projectResources.ts";
import { reservedIp } from "./reservedIp.ts";
import { reservedIpAssignment } from "./reservedIpAssignment.ts";
import { sshKey } from "./sshKey.ts";
import { tag } from "./tag.ts";
import { vpc } from "./vpc.ts";

/** Stands in for pulumi-digitalocean. */
export const digitalocean: Omit<Provider, "version"> = {
    configure,
    functions,
    resources: {
        "digitalocean:index/dnsRecord:DnsRecord": dnsRecord,
        "digitalocean:index/domain:Domain": domain,
        "digitalocean:index/droplet:Droplet": droplet,
        "digitalocean:index/firewall:Firewall": firewall,
        "digitalocean:index/project:Project": project,
        "digitalocean:index/projectResources:ProjectResources": projectResources,
        "digitalocean:index/reservedIp:ReservedIp": reservedIp,
        "digitalocean:index/reservedIpAssignment:ReservedIpAssignment": reservedIpAssignment,
        "digitalocean:index/sshKey:SshKey": sshKey,
        "digitalocean:index/tag:Tag": tag,
        "digitalocean:index/vpc:Vpc": vpc,
    },
};
