import type { Provider } from "../kit/resource.ts";
import { configure } from "./api.ts";
import { dnsDomain } from "./dnsDomain.ts";
import { dnsRecord } from "./dnsRecord.ts";
import { firewallGroup } from "./firewallGroup.ts";
import { firewallRule } from "./firewallRule.ts";
import { functions } from "./functions.ts";
import { instance } from "./instance.ts";
import { reservedIp } from "./reservedIp.ts";
import { sshKey } from "./sshKey.ts";
import { startupScript } from "./startupScript.ts";
import { vpc } from "./vpc.ts";

/** Stands in for pulumi-vultr. */
export const vultr: Omit<Provider, "version"> = {
    configure,
    functions,
    resources: {
        "vultr:index/dnsDomain:DnsDomain": dnsDomain,
        "vultr:index/dnsRecord:DnsRecord": dnsRecord,
        "vultr:index/firewallGroup:FirewallGroup": firewallGroup,
        "vultr:index/firewallRule:FirewallRule": firewallRule,
        "vultr:index/instance:Instance": instance,
        "vultr:index/reservedIp:ReservedIp": reservedIp,
        "vultr:index/sSHKey:SSHKey": sshKey,
        "vultr:index/startupScript:StartupScript": startupScript,
        "vultr:index/vpc:Vpc": vpc,
    },
};
