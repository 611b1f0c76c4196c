import { onHost } from "../../hosts/programs.ts";
import { check, common, file, type Step, secret, state } from "../../hosts/roleText.ts";
import { daemon } from "../../hosts/units.ts";
import type { FailoverEngine } from "../failover.ts";
import { probe } from "../holder.ts";
import { nginxUnit } from "../nginx/names.ts";
import { visitorPorts } from "../ports.ts";
import { failoverFolder } from "../reservedIp.ts";
import type { BalancerSettings } from "../settings.ts";
import { watchSteps } from "../watch.ts";
import { CLUSTER_KEY, COROSYNC_CONF, COROSYNC_PORT, corosyncConf, nodeIds } from "./corosync.ts";
import { clusterConf, clusterInformation, pacemakerWatchConf } from "./information.ts";

const cluster = "/usr/local/lib/evenkeel/cluster";

/** Pacemaker decides, on what Corosync says of who is there. */
export const pacemakerEngine: FailoverEngine = {
    packages: ["corosync", "pacemaker", "pacemaker-cli-utils", "resource-agents"],
    programs: [
        "balancer/failover",
        "balancer/cluster",
        "balancer/reserved-ip",
        "balancer/step-aside",
        "balancer/virtual-address",
        "balancer/watch",
    ],
    // With which Pacemaker stops, and starts.
    unit: "corosync",
    claims: ["Corosync"],
    rules: ({ host, pair }) =>
        pair
            .filter((peer) => peer !== host)
            .map((peer) => `ip saddr ${peer} udp dport ${COROSYNC_PORT} accept`),
    steps: (settings) => [
        ...leftAlone(settings),
        ...corosync(settings),
        ...pacemaker(settings),
        ...information(settings),
        // It takes down what VRRP leaves of its network, and speaks to Pacemaker's daemons, which run as another user.
        ...watchSteps(settings.name, pacemakerWatchConf(settings), ["DAC_OVERRIDE", "NET_ADMIN", "NET_RAW"]),
    ],
    // Who may move the address: a mark that a dead or frozen engine has left is none.
    failoverLines: ({ name }) =>
        `ENGINE=("/run/corosync.pid corosync" "${failoverFolder(name)}/execd pacemaker-execd")\n`,
    readyAgain: ({ name }) => `${cluster} ready ${name}`,
};

/** Daemons that work as a cluster: no host upgrades them alone. */
function leftAlone({ name }: BalancerSettings): Step[] {
    const text = 'Unattended-Upgrade::Package-Blacklist { "corosync"; "pacemaker"; };\n';
    return [file({ path: `/etc/apt/apt.conf.d/61evenkeel-${name}`, text })];
}

function corosync({ name, host, pair }: BalancerSettings): Step[] {
    const more = `[Unit]
# Debian's unit gives Pacemaker up where this was late, as with its host's address.
Upholds=pacemaker.service

[Service]
ExecStartPre=${cluster} hears ${name}
ExecReload=${cluster} part ${name}
ExecReload=/usr/sbin/corosync-cfgtool -R
${ABOVE_OTHERS}`;
    return [
        file({ path: COROSYNC_CONF, text: corosyncConf({ name, hosts: pair }), template: true }),
        secret(CLUSTER_KEY.path, CLUSTER_KEY.value, "400"),
        check(COROSYNC_CONF, "corosync -t"),
        daemon("corosync", "reload", { more }),
        // Its folder is the package's.
        state(`/var/lib/corosync/ringid_${nodeIds(pair).get(host)}`),
    ];
}

/** Settings that change are there when it next starts: a restart would move the address. */
function pacemaker({ name }: BalancerSettings): Step[] {
    const more = `[Unit]
# When the host shuts down, the address goes first.
After=haproxy.service ${nginxUnit(name)}.service

[Service]
ExecStartPre=${cluster} prepare ${name}
Environment=PCMK_logfile=none
TimeoutStopSec=60s
${ABOVE_OTHERS}`;
    return [
        daemon("pacemaker", "start", { more }),
        state("/usr/lib/ocf/resource.d/evenkeel", "/var/lib/pacemaker/cib", "/var/lib/pacemaker/pengine"),
    ];
}

const ABOVE_OTHERS = "CPUWeight=10000\nOOMScoreAdjust=-900\n";

function information(settings: BalancerSettings): Step[] {
    const { name } = settings;
    const unit = "evenkeel-cluster@.service";
    const folder = `/etc/evenkeel/balancers/${name}`;
    return [
        file({
            path: `${folder}/cluster.conf`,
            text: clusterConf(settings, whoAnswers(settings)),
            template: true,
        }),
        file({ path: `${folder}/cib.xml`, text: clusterInformation(settings) }),
        check(`${folder}/cib.xml`, `crm_verify --xml-file ${folder}/cib.xml`),
        common(file({ path: `/etc/systemd/system/${unit}`, text: onHost(`balancer/${unit}`) })),
        daemon(`evenkeel-cluster@${name}`, "reload", { restarts: "on-failure" }),
    ];
}

/** From another host, while the address is VRRP's yet. */
function whoAnswers(settings: BalancerSettings): string {
    const [address] = settings.virtualAddresses ?? [];
    if (address !== undefined) return probe(settings, address);
    return `timeout 2 bash -c ": </dev/tcp/{{value address}}/${visitorPorts(settings)[0]}"`;
}
