import { bare } from "../addresses.ts";
import { vrrpLink } from "../keepalived/vrrpLink.ts";
import { STANDING, STEP } from "../points.ts";
import { failoverConf, masterMark } from "../reservedIp.ts";
import type { BalancerSettings } from "../settings.ts";
import { watchConf, watchFolder } from "../watch.ts";
import { COROSYNC_PORT } from "./corosync.ts";

type ClusterSettings = Pick<
    BalancerSettings,
    "name" | "pair" | "virtualRouterId" | "virtualAddresses" | "failBackDelay"
>;

/** More than all that is ever taken away: Pacemaker starts nothing where the sum is below zero. */
const BASE = 1000;

/** The attribute of each host with what `watch` adds to its points. */
const pointsOf = (name: string) => `${name}-points`;
/** And with the time at which it left VRRP, while a pair changes over. */
const leftAt = (name: string) => `${name}-left-vrrp`;

/** The resource of a pair: the one that has it has the address. */
const addressResource = (name: string) => `${name}-address`;

/** What `failover` and `watch` go by, and the certificates: an address that a host has while it has the shared one. */
const markOf = ({ virtualRouterId, virtualAddresses: [address] = [] }: ClusterSettings) =>
    bare(address ?? masterMark(virtualRouterId));

/**
 * What Pacemaker 2.1.5 is told about a pair, the same on all hosts. Points are keepalived's: the place in the list, standing
 * (stickiness), and what `watch` says of each host. A host that has said nothing gets nothing.
 */
export function clusterInformation(settings: ClusterSettings): string {
    const { name, pair } = settings;
    const address = addressResource(name);
    const points = pointsOf(name);
    const places = pair
        .map((host, i) => [host, BASE - STEP * i] as const)
        .toSorted(([one], [other]) => (one < other ? -1 : 1))
        .map(
            ([host, score]) =>
                `      <rsc_location id="${name}-on-${host}" rsc="${address}" node="${host}" score="${score}"/>\n`,
        );
    return `<!-- Nobody can turn a host's power off here: whose the reserved IP is, the cloud says. The last host of all goes on. One that
     boots alone waits 5 s for another one. -->
<cib validate-with="pacemaker-3.9" admin_epoch="0" epoch="1" num_updates="0">
  <configuration>
    <crm_config>
      <cluster_property_set id="evenkeel">
        ${setting("evenkeel", "stonith-enabled", "false")}
        ${setting("evenkeel", "no-quorum-policy", "ignore")}
        ${setting("evenkeel", "dc-deadtime", "5s")}
        ${["error", "warn", "input"].map((kind) => setting("evenkeel", `pe-${kind}-series-max`, "20")).join("\n        ")}
      </cluster_property_set>
    </crm_config>
    <nodes/>
    <resources>
${resource(settings)}    </resources>
    <constraints>
${places.join("")}      <rsc_location id="${name}-as-told" rsc="${address}">
        <rule id="${name}-as-told-points" score-attribute="${points}">
          <expression id="${name}-as-told-defined" attribute="${points}" operation="defined"/>
        </rule>
      </rsc_location>
      <rsc_location id="${name}-untold" rsc="${address}">
        <rule id="${name}-untold-never" score="-INFINITY">
          <expression id="${name}-untold-undefined" attribute="${points}" operation="not_defined"/>
        </rule>
      </rsc_location>
    </constraints>
  </configuration>
  <status/>
</cib>
`;
}

/** The reserved IP is the cloud's to move, which our agent has `failover` ask it for; an address of one's own the established agent has. */
function resource(settings: ClusterSettings): string {
    const { name, virtualAddresses: [virtualAddress] = [] } = settings;
    const id = addressResource(name);
    const [address = "", bits = ""] = virtualAddress?.split("/") ?? [];
    const [kind, given, everySeconds] =
        virtualAddress === undefined
            ? (['provider="evenkeel" type="reserved-ip"', { conf: failoverConf(name) }, 2] as const)
            : (['provider="heartbeat" type="IPaddr2"', { ip: address, cidr_netmask: bits }, 5] as const);
    const pairs = (of: string, values: object) =>
        Object.entries(values)
            .map(([key, value]) => `          ${setting(of, key, value)}\n`)
            .join("");
    const operation = (what: string, interval: string) =>
        `          <op id="${id}-${what}" name="${what}" interval="${interval}" timeout="30s"/>\n`;
    return `      <primitive id="${id}" class="ocf" ${kind}>
        <instance_attributes id="${id}-given">
${pairs(`${id}-given`, given)}        </instance_attributes>
        <meta_attributes id="${id}-meta">
${pairs(`${id}-meta`, { "resource-stickiness": STANDING, "failure-timeout": "30s" })}        </meta_attributes>
        <operations>
${operation("start", "0s")}${operation("stop", "0s")}${operation("monitor", `${everySeconds}s`)}        </operations>
      </primitive>
`;
}

const setting = (of: string, name: string, value: string | number) =>
    `<nvpair id="${of}-${name}" name="${name}" value="${value}"/>`;

/** What `watch` goes by: it tells an attribute where keepalived reads a file, and sees who has the address by the mark. */
export function pacemakerWatchConf(settings: ClusterSettings): string {
    const { name, virtualRouterId } = settings;
    return `${watchConf({ ...settings, group: name })}POINTS=${pointsOf(name)}
MARK=${markOf(settings)}
VRRP_LINK=${vrrpLink(virtualRouterId)}
`;
}

/** What `cluster` goes by. `probe` succeeds while somebody answers at the address. */
export function clusterConf(
    settings: ClusterSettings & Pick<BalancerSettings, "host">,
    probe: string,
): string {
    const { name, host, pair, virtualRouterId } = settings;
    return `HOSTS=(${pair.toSorted().join(" ")})
RESOURCE=${addressResource(name)}
POINTS=${pointsOf(name)}
LEFT=${leftAt(name)}
MARK=${markOf(settings)}
FOLDER=${watchFolder(name)}
VRRP_LINK=${vrrpLink(virtualRouterId)}
RING_ADDRESS={{address ${host}}}
RING_PORT=${COROSYNC_PORT}
PROBE='${probe}'
`;
}
