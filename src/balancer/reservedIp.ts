import * as pulumi from "@pulumi/pulumi";
import type { Cloud } from "../clouds/cloud.ts";
import { checkedLate } from "../hosts/arguments.ts";
import type { Host } from "../hosts/host.ts";
import { credential, id } from "../hosts/names.ts";
import { onHost } from "../hosts/programs.ts";
import { common, file, leave, type Step, secret, service } from "../hosts/roleText.ts";
import { dropIn, job } from "../hosts/units.ts";
import { engineOf } from "./engines.ts";
import type { BalancerSettings } from "./settings.ts";

export const apiToken = credential("an API token: one word");

/** VRRPv3 insists on an address to carry. This one, on lo, stands for being master; `failover` looks for it. */
export function masterMark(virtualRouterId: number): string {
    return `169.254.${virtualRouterId}.100/32`;
}

/** What `failover` goes by for a group. */
export const failoverConf = (group: string) => `/etc/evenkeel/balancers/${group}/failover.conf`;

/** Where it keeps what it knows; of /run nothing outlives a boot. */
export const failoverFolder = (group: string) => `/run/evenkeel-failover-${group}`;

/** What `failover` goes by: how the cloud is asked, and with what. */
export function asking(settings: BalancerSettings, cloud: Cloud, more = ""): Step[] {
    const { name, virtualRouterId } = settings;
    const header = `/etc/evenkeel/balancers/${name}/failover.header`;
    const conf = `CLOUD=${cloud.name}
API_URL=${cloud.apiUrl()}
ADDRESS={{value address}}
${cloud.moving.conf}VIP=${masterMark(virtualRouterId)}
READY=${engineOf(settings).readySocket(name)}
HEADER=${header}
RUN_DIR=${failoverFolder(name)}
${more}`;
    return [file({ path: failoverConf(name), text: conf, template: true }), secret(header, "header")];
}

/** How the reserved IP is moved by the cloud. */
export function moving(settings: BalancerSettings, cloud: Cloud, more: string): Step[] {
    const { name } = settings;
    return [
        ...asking(settings, cloud, more),
        ...["evenkeel-failover@.service", "evenkeel-failover@.timer"].map((unit) =>
            common(file({ path: `/etc/systemd/system/${unit}`, text: onHost(`balancer/${unit}`) })),
        ),
        dropIn(
            `evenkeel-failover@${name}`,
            job({ writes: [], capabilities: cloud.moving.isCarried ? ["NET_ADMIN"] : [] }),
        ),
        service(`evenkeel-failover@${name}.timer`, "restart"),
        ...(cloud.moving.isCarried ? [leaving(name)] : []),
    ];
}

/** What that goes by on a host, beside the address. */
export const movingValues = (name: string, host: Host, token: pulumi.Input<string>) => ({
    host: checkedLate("LoadBalancerPair", name, "hosts.id", id, host.id!),
    header: pulumi.secret(
        pulumi.interpolate`Authorization: Bearer ${checkedLate("LoadBalancerPair", name, "failoverToken", apiToken, token)}\n`,
    ),
});

/** What looks after the address would give it to this host again. */
const leaving = (name: string) =>
    leave(
        `bash -c 'systemctl stop evenkeel-failover@${name}.timer; /usr/local/lib/evenkeel/failover leave ${failoverConf(name)}'`,
    );
