import { linkAddress, VRRP_LINK } from "./vrrpLink.ts";

/** What one VRRP instance of a group of balancers needs. Hosts are names; `vrrp-link` connects them. */
export interface KeepalivedSettings {
    /** The host that this text is for; one of `hosts`. */
    host: string;
    /** All hosts of the group, the preferred one first. */
    hosts: string[];
    /** 1 to 255, the same on the whole group, another one for every group on the same network. */
    virtualRouterId: number;
    /**
     * The address that follows the master: with `virtualAddress` (CIDR) VRRP itself carries it, for hosts of one L2
     * network; without, `failover` moves a reserved IP through the cloud's API.
     */
    virtualAddress?: string;
    /** Seconds between adverts, 0.01 to 40. @default 0.2: takeover 0.6 s after a crash; 1 s makes it 3.1 s (measured). */
    advertInterval?: number;
    /** Adverts missed in a row before a backup takes over. @default 3, as the RFC has it; more for hosts that stall. */
    downTimerAdverts?: number;
    /** Whether a preferred host that returns takes the address back. @default false: every move costs connections. */
    preempt?: boolean;
    /** Seconds that a returned host waits before it takes the address back. @default 60 */
    preemptDelay?: number;
    /** Where the local HAProxy answers 200 to a monitor request. @default `{ port: 8404, path: "/alive" }` */
    monitor?: { port: number; path: string };
    /** Nice level of the VRRP process. @default -20, a precaution: at a load of 5 per processor no advert was missed with it or without. */
    niceLevel?: number;
    /** Lock the VRRP process in memory (29 MB locked, 3 to 10 MB resident, measured). @default true: a host that swaps stays master. */
    lockMemory?: boolean;
}

const programs = "/usr/local/lib/evenkeel";

/** VRRPv3 insists on an address to carry. This one, on lo, stands for being master; `failover` looks for it. */
export function masterMark(virtualRouterId: number): string {
    return `169.254.112.${virtualRouterId}/32`;
}

/** Close to 255, so that the skew before a takeover is 4 to 20 ms (at 100 it is 120 ms); 20 apart, so that backups do not tie. */
const priority = (host: string, hosts: string[]) => 250 - 20 * hosts.indexOf(host);

/** The keepalived.conf of one host, for keepalived 2.2.7 (Debian 12). Hosts of a group differ in four kinds of lines only. */
export function renderKeepalived(settings: KeepalivedSettings): string {
    const { host, hosts, virtualRouterId, virtualAddress } = settings;
    const monitor = settings.monitor ?? { port: 8404, path: "/alive" };
    const takeBack = settings.preempt
        ? [
              "    # A host that was away takes the address back, after a while.",
              `    preempt_delay ${settings.preemptDelay ?? 60}`,
          ]
        : [
              "    # A host that was away stays backup when it returns: one incident, one move.",
              "    nopreempt",
          ];
    const lines = [
        "global_defs {",
        "    # Scripts run as root, and only if nobody else can write them.",
        "    script_user root",
        "    enable_script_security",
        "    # Adverts come from the group's hosts, or they are not heard.",
        "    vrrp_check_unicast_src",
        "    # The configuration is checked before the VRRP link is there.",
        "    dynamic_interfaces",
        "    # Stands above a busy processor. Not real-time: RLIMIT_RTTIME kills a VRRP process that computes for 10 ms.",
        `    vrrp_priority ${settings.niceLevel ?? -20}`,
        ...(settings.lockMemory === false ? [] : ["    vrrp_no_swap"]),
        "}",
        "",
        "vrrp_script haproxy {",
        "    # 2.2.7 counts whole seconds. The script looks three times in each, and decides after two misses.",
        `    script "${programs}/check-haproxy ${monitor.port} ${monitor.path}"`,
        "    interval 1",
        "    # Not 1: on a busy host the script's own 0.7 s can become that, and the host gives up (seen).",
        "    timeout 2",
        "    rise 2",
        "    fall 1",
        "}",
        "",
        "vrrp_instance balancer {",
        "    # Nobody begins as master: preemption is only held back for an instance that begins as backup.",
        "    state BACKUP",
        ...takeBack,
        "    # Version 3 for adverts more often than once a second.",
        "    version 3",
        `    advert_int ${settings.advertInterval ?? 0.2}`,
        `    down_timer_adverts ${settings.downTimerAdverts ?? 3}`,
        `    virtual_router_id ${virtualRouterId}`,
        `    priority ${priority(host, hosts)}`,
        "    # In UDP, from host to host: clouds carry no multicast, and their firewalls no VRRP.",
        `    interface ${VRRP_LINK}`,
        `    unicast_src_ip ${linkAddress(host, hosts)}`,
        "    unicast_peer {",
        ...hosts.filter((peer) => peer !== host).map((peer) => `        ${linkAddress(peer, hosts)}`),
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
        "    # The link itself is up whatever lies under it.",
        "    track_interface {",
        `        {{interface ${host}}}`,
        "    }",
        "    track_script {",
        "        haproxy",
        "    }",
        ...(virtualAddress === undefined
            ? [
                  `    notify_master "${programs}/failover assign"`,
                  "    # After a one-way cut the master has never been anything else: only this tells it that another took the IP.",
                  `    notify_master_rx_lower_pri "${programs}/failover confirm"`,
              ]
            : []),
        "}",
        "",
    ];
    return lines.join("\n");
}
