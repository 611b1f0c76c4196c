import { announce, type BgpSettings } from "../bgp.ts";
import type { TrackedScript } from "../engine.ts";
import { MISSING, STANDING, STEP, TAKING } from "../points.ts";
import { failoverConf, masterMark } from "../reservedIp.ts";
import { MONITOR, watchFolder } from "../watch.ts";
import { formerPeers, linkAddress, nobodysAddress, type VrrpLinkSettings, vrrpLink } from "./vrrpLink.ts";

/** What one VRRP instance of a group of balancers needs. Hosts are names; `vrrp-link` connects them. */
export interface KeepalivedSettings extends VrrpLinkSettings {
    /** The pair's name. */
    name: string;
    /** The group's name. */
    group: string;
    /** All hosts of the group, the preferred one first. */
    hosts: string[];
    /** The pair's number, and its link's. */
    virtualRouterId: number;
    /** 1 to 255, the same on the whole group, another one for every group on the same link. @default the pair's */
    instanceId?: number;
    /**
     * The address that follows the master: with `virtualAddress` (CIDR) VRRP itself carries it, for hosts of one L2
     * network; without, `failover` moves a reserved IP through the cloud's API.
     */
    virtualAddress?: string;
    /** Where the reserved IP is announced by BGP. */
    bgp?: BgpSettings | undefined;
    /** Seconds after which a preferred host that returned takes the address back; without, it does not. */
    failBackDelay?: number;
    /** Name of what is asked whether the balancer works. @default HAProxy's, which all groups of a host have in common */
    script?: string;
}

/** Seconds between adverts, three of which are missed before a backup takes over: 0.6 s after a crash; 1 s makes it 3.1 s (measured). */
const ADVERT_INTERVAL = 0.2;

const programs = "/usr/local/lib/evenkeel";

/** Where each group has its instance, beside what all have in common. */
export const KEEPALIVED_FOLDER = "/etc/keepalived/evenkeel";

/**
 * 219 for the first host, 253 with the address: the skew before a takeover is 28 ms (at 100 it is 120 ms). The least, at the last
 * place with neither gateway nor backends, is 50.
 */
const priority = (host: string, hosts: string[]) => 254 - TAKING - STEP * hosts.indexOf(host);

export function scriptText({ name, asks }: TrackedScript): string {
    return `vrrp_script ${name} {
    # 2.2.7 counts whole seconds. The script looks three times in each, and decides after two misses.
    script "${programs}/check-haproxy ${asks}"
    interval 1
    # Not 1: on a busy host the script's own 0.7 s can become that, and the host gives up (seen).
    timeout 2
    rise 2
    fall 1
}
`;
}

const HAPROXY = "haproxy";

/** keepalived.conf for keepalived 2.2.7 (Debian 12): what the groups of a host have in common. */
export const keepalivedConfig = `global_defs {
    # Scripts run as root, and only if nobody else can write them.
    script_user root
    enable_script_security
    # Adverts come from the group's hosts, or they are not heard.
    vrrp_check_unicast_src
    # The configuration is checked before the VRRP link is there.
    dynamic_interfaces
    # Stands above a busy processor. Not real-time: RLIMIT_RTTIME kills a VRRP process that computes for 10 ms.
    vrrp_priority -20
    # A host that swaps stays master: 29 MB locked, 3 to 10 MB resident (measured).
    vrrp_no_swap
}

${scriptText({ name: HAPROXY, asks: `${MONITOR.port} ${MONITOR.path}` })}
include ${KEEPALIVED_FOLDER}/*.conf
`;

/**
 * The instance of one host in one group. Hosts of a group differ in four kinds of lines only. It preempts, as only then a lower
 * priority is heeded; what `standing` adds keeps the address where it is.
 */
export function keepalivedInstance(settings: KeepalivedSettings): string {
    const {
        name,
        group,
        host,
        hosts,
        virtualRouterId,
        instanceId = virtualRouterId,
        virtualAddress,
        bgp,
        script,
    } = settings;
    const folder = watchFolder(group);
    const peers = hosts
        .filter((peer) => peer !== host)
        .toSorted()
        .map((peer) => linkAddress({ ...settings, host: peer }));
    const lines = [
        ...[STANDS, WATCHED].map(
            (file) => `track_file ${group}-${file} {\n    file "${folder}/${file}"\n    weight 1\n}\n`,
        ),
        `vrrp_instance ${group} {`,
        "    state BACKUP",
        "    # Version 3 for adverts more often than once a second.",
        "    version 3",
        `    advert_int ${ADVERT_INTERVAL}`,
        "    down_timer_adverts 3",
        `    virtual_router_id ${instanceId}`,
        `    priority ${priority(host, hosts)}`,
        `    # Added to it: ${STANDING} for who has the address, so that it stays there; -${MISSING} without a gateway, -${MISSING} without backends.`,
        "    track_file {",
        `        ${group}-${STANDS}`,
        `        ${group}-${WATCHED}`,
        "    }",
        `    notify "${programs}/standing ${folder} ${STANDING}"`,
        "    # In UDP, from host to host: clouds carry no multicast, and their firewalls no VRRP.",
        `    interface ${vrrpLink(virtualRouterId)}`,
        `    unicast_src_ip ${linkAddress(settings)}`,
        "    unicast_peer {",
        ...(peers.length > 0 ? peers : [nobodysAddress(settings)]).map((peer) => `        ${peer}`),
        "        # Hosts that have left the pair, while they run still.",
        `        include ${formerPeers(name)}`,
        "    }",
        "    unicast_fault_no_peer",
        "    virtual_ipaddress {",
        ...(virtualAddress === undefined
            ? [
                  "        # Only the mark of the master; the reserved IP is the cloud's to route.",
                  `        ${masterMark(virtualRouterId)} dev lo`,
              ]
            : [`        ${virtualAddress} dev {{interface ${host}}}`]),
        "    }",
        ...(bgp
            ? [
                  "    # Not in adverts, which a host that does not announce yet, or no more, would not heed.",
                  "    virtual_ipaddress_excluded {",
                  "        {{value address}}/32 dev lo",
                  "    }",
              ]
            : []),
        "    # The link itself is up whatever lies under it.",
        "    track_interface {",
        `        {{interface ${host}}}`,
        "    }",
        "    track_script {",
        `        ${script ?? HAPROXY}`,
        "    }",
        ...(bgp
            ? [
                  ...["master", "backup", "fault"].map(
                      (state) => `    notify_${state} "${announce("update", name)}"`,
                  ),
                  `    notify_stop "${announce("leave", name)}"`,
              ]
            : []),
        ...(virtualAddress === undefined && !bgp
            ? [
                  `    notify_master "${programs}/failover assign ${failoverConf(group)}"`,
                  "    # After a one-way cut the master has never been anything else: only this tells it that another took the IP.",
                  `    notify_master_rx_lower_pri "${programs}/failover confirm ${failoverConf(group)}"`,
              ]
            : []),
        "}",
        "",
    ];
    return lines.join("\n");
}

/** Files of the watch's folder: what `standing` and `watch` add to the priority. */
const STANDS = "standing";
const WATCHED = "watched";
