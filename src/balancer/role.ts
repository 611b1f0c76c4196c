import { acmeHaproxyRules } from "../acme/haproxy.ts";
import { acmeReports, acmeSteps } from "../acme/role.ts";
import { type AcmeSettings, stateFolder } from "../acme/settings.ts";
import { onHost } from "../hosts/programs.ts";
import {
    check,
    claims,
    common,
    drain,
    file,
    firewall,
    healthy,
    reports,
    resume,
    type Step,
    secret,
    service,
    state,
} from "../hosts/roleText.ts";
import { daemon, dropIn, job } from "../hosts/units.ts";
import { httpPort, openPorts } from "./frontends.ts";
import {
    HAPROXY_FOLDER,
    haproxyConfig,
    haproxyDefaults,
    haproxyPair,
    MONITOR,
    readySocket,
    sharesVisitors,
} from "./haproxy.ts";
import {
    failoverConf,
    KEEPALIVED_FOLDER,
    keepalivedConfig,
    keepalivedInstance,
    masterMark,
    readyAddress,
    watchConf,
    watchFolder,
} from "./keepalived.ts";
import { listenerFiles } from "./listenerFiles.ts";
import type { HttpListener, TcpListener } from "./listeners.ts";
import { STATUS_VALUE, statusAccount } from "./monitoring.ts";
import { leavingTheAddress } from "./stepAside.ts";
import { renderVrrpLink, VRRP_LINK_PORT, vrrpLink } from "./vrrpLink.ts";

export interface BalancerSettings {
    /** The pair's name: several pairs may share a host. */
    name: string;
    host: string;
    /** The pair's hosts, the preferred one first. */
    pair: string[];
    http: HttpListener[];
    tcp: TcpListener[];
    /** Port of the private address for HAProxy's figures. */
    metricsPort?: number | undefined;
    /** Whether people see them there, too. */
    statusPage: boolean;
    virtualRouterId: number;
    /** Seconds after which a host that returned takes the address back; without, it does not. */
    failBackDelay?: number;
    /** With a reserved IP: base URL of the cloud's API. */
    apiUrl?: string;
    /** Without one: the address that VRRP carries, in CIDR form. */
    virtualAddress?: string;
    /** Certificates by ACME of the listener that has them. */
    acme?: AcmeSettings | undefined;
}

/** The role of one balancer. HAProxy comes first: keepalived claims the address only where HAProxy answers. */
export function balancerSteps(settings: BalancerSettings): Step[] {
    const { host, pair, virtualRouterId, apiUrl, virtualAddress = "reserved IP", acme } = settings;
    return [
        claims([
            `VRRP router ${virtualRouterId}`,
            ...visitorPorts(settings).map((port) => `tcp ${virtualAddress}:${port}`),
            ...ownPorts(settings).map((port) => `tcp ${host}:${port}`),
        ]),
        firewall([
            ...forVisitors(settings),
            ...forOthers(settings),
            ...pair
                .filter((peer) => peer !== host)
                .map((peer) => `ip saddr ${peer} udp dport ${VRRP_LINK_PORT} accept`),
            `iifname ${vrrpLink(virtualRouterId)} ip protocol vrrp accept`,
        ]),
        ...(acme ? acmeSteps(acme) : []),
        ...haproxy(settings),
        ...(apiUrl === undefined ? [] : failover(settings, apiUrl)),
        ...link(settings),
        ...watch(settings),
        ...keepalived(settings),
        hasHolder(settings),
        ...steppingAside(settings),
        resume("traffic", "systemctl start keepalived"),
        // It may take over once its checks have succeeded twice, a second apart.
        resume("traffic", "sleep 3"),
        tellHolder(settings),
        ...(acme ? acmeReports(acme) : []),
    ];
}

/** One of the pair has the address; which one is VRRP's to say. */
function hasHolder(settings: BalancerSettings): Step {
    const { name, virtualAddress } = settings;
    if (virtualAddress === undefined) {
        const held = `/usr/local/lib/evenkeel/failover held ${failoverConf(name)}`;
        return healthy("the reserved IP has a holder", held);
    }
    return healthy("the virtual address has a holder", probe(settings, virtualAddress));
}

/** How it leaves the address to another balancer; who is alone has nobody to leave it to, and planned work goes on. */
function steppingAside(settings: BalancerSettings): Step[] {
    const { name, pair, virtualAddress } = settings;
    if (pair.length === 1)
        return [
            drain("traffic", "echo no other balancer stands by: visitors get no answer until it is back"),
        ];
    const address = virtualAddress?.split("/")[0];
    return leavingTheAddress({
        name,
        ...(address === undefined ? {} : { address }),
        ports: visitorPorts(settings),
        elsewhere: whetherElsewhere(settings),
    });
}

/** Asked while VRRP has stopped here. */
function whetherElsewhere(settings: BalancerSettings): string {
    const { name, virtualAddress } = settings;
    if (virtualAddress === undefined)
        return `/usr/local/lib/evenkeel/failover elsewhere ${failoverConf(name)}`;
    return probe(settings, virtualAddress);
}

/** Whether anybody has the virtual address, asked by the pair's first listener. */
function probe({ http: [http], tcp: [tcp] }: BalancerSettings, virtualAddress: string): string {
    const [port, scheme] = http ? [httpPort(http), http.tls ? "https" : "http"] : [tcp!.port, "tcp"];
    return `/usr/local/lib/evenkeel/virtual-address ${virtualAddress.split("/")[0]} ${port} ${scheme}`;
}

function tellHolder(settings: BalancerSettings): Step {
    const { name, virtualAddress } = settings;
    const command =
        virtualAddress === undefined
            ? `/usr/local/lib/evenkeel/failover holder ${failoverConf(name)}`
            : probe(settings, virtualAddress);
    return reports("address", command);
}

const visitorPorts = ({ http, tcp }: BalancerSettings) => openPorts(http, tcp);

/** Through the anchor comes what is sent to the reserved IP: that is for the listeners alone, SSH included. */
function forVisitors(settings: BalancerSettings): string[] {
    const ports = visitorPorts(settings);
    if (settings.apiUrl === undefined) return ports.map((port) => `tcp dport ${port} accept`);
    return [`ip daddr {{anchor}} tcp dport { ${ports.join(", ")} } accept`, "ip daddr {{anchor}} drop"];
}

/** Where the balancers tell each other what visitor was where. */
const peersPort = ({ virtualRouterId }: BalancerSettings) => 10_000 + virtualRouterId;

/** Ports of the private address. */
const ownPorts = (settings: BalancerSettings): number[] => [
    ...(sharesVisitors(settings) ? [peersPort(settings)] : []),
    ...(settings.metricsPort === undefined ? [] : [settings.metricsPort]),
];

function forOthers(settings: BalancerSettings): string[] {
    const { host, pair, metricsPort } = settings;
    const peers = sharesVisitors(settings) ? pair.filter((peer) => peer !== host) : [];
    return [
        ...peers.map((peer) => `ip saddr ${peer} tcp dport ${peersPort(settings)} accept`),
        ...(metricsPort === undefined ? [] : [`ip daddr ${host} tcp dport ${metricsPort} accept`]),
    ];
}

function haproxy(settings: BalancerSettings): Step[] {
    const { name, host, pair, http, tcp, virtualAddress, metricsPort, statusPage, acme } = settings;
    const main = "/etc/haproxy/haproxy.cfg";
    const path = `${HAPROXY_FOLDER}/${name}.cfg`;
    const text = haproxyPair({
        pair: name,
        host,
        hosts: pair,
        // The anchor receives what is sent to the reserved IP; the host's own public address stays closed.
        address: virtualAddress?.split("/")[0] ?? "{{anchor}}",
        nonLocal: virtualAddress !== undefined,
        ...(acme ? { first: acmeHaproxyRules() } : {}),
        http,
        tcp,
        readyAddress: readyAddress(settings.virtualRouterId),
        peersPort: peersPort(settings),
        metricsPort,
        statusPage,
    });
    return [
        common(file({ path: main, text: haproxyConfig(host) })),
        common(file({ path: "/etc/default/haproxy", text: haproxyDefaults })),
        ...listenerFiles(name, http, acme),
        ...(statusPage ? [secret(statusAccount(name), STATUS_VALUE)] : []),
        file({ path, text, template: true }),
        check(path, `haproxy -c -f ${main} -f ${HAPROXY_FOLDER}`),
        // HAProxy leaves its socket behind; certificates outlive the setting that brought them.
        state(readySocket(name), stateFolder(name)),
        daemon("haproxy", "reload", { openFiles: 65_536 }),
        healthy(
            "HAProxy answers",
            `curl -fsS -m 2 -o /dev/null http://127.0.0.1:${MONITOR.port}${MONITOR.path}`,
        ),
    ];
}

function failover({ name, virtualRouterId }: BalancerSettings, apiUrl: string): Step[] {
    const header = `/etc/evenkeel/balancers/${name}/failover.header`;
    const conf = `API_URL=${apiUrl}
ADDRESS={{value address}}
DROPLET_ID={{value host}}
VIP=${masterMark(virtualRouterId)}
READY=${readySocket(name)}
HEADER=${header}
RUN_DIR=/run/evenkeel-failover-${name}
`;
    return [
        file({ path: failoverConf(name), text: conf, template: true }),
        secret(header, "header"),
        ...["evenkeel-failover@.service", "evenkeel-failover@.timer"].map((unit) =>
            common(file({ path: `/etc/systemd/system/${unit}`, text: onHost(`balancer/${unit}`) })),
        ),
        dropIn(`evenkeel-failover@${name}`, job({ writes: [], capabilities: [] })),
        service(`evenkeel-failover@${name}.timer`, "restart"),
    ];
}

function link({ name, host, pair, virtualRouterId }: BalancerSettings): Step[] {
    const unit = "evenkeel-vrrp-link@.service";
    const text = renderVrrpLink({ host, hosts: pair, virtualRouterId });
    return [
        file({ path: `/etc/evenkeel/balancers/${name}/vrrp-link.conf`, text, template: true }),
        common(file({ path: `/etc/systemd/system/${unit}`, text: onHost(`balancer/${unit}`) })),
        daemon(`evenkeel-vrrp-link@${name}`, "reload", {
            restarts: "on-failure",
            // It restarts keepalived, and systemd asks SYS_ADMIN of who does.
            sandbox: { writes: [], capabilities: ["NET_ADMIN", "SYS_ADMIN"] },
        }),
    ];
}

/** Before keepalived, which goes by files of its folder. */
function watch(settings: BalancerSettings): Step[] {
    const { name } = settings;
    const unit = "evenkeel-watch@.service";
    const text = watchConf({ ...settings, group: name });
    return [
        file({ path: `/etc/evenkeel/balancers/${name}/watch.conf`, text }),
        common(file({ path: `/etc/systemd/system/${unit}`, text: onHost(`balancer/${unit}`) })),
        daemon(`evenkeel-watch@${name}`, "restart", { sandbox: { writes: [], capabilities: ["NET_RAW"] } }),
        state(watchFolder(name)),
    ];
}

function keepalived(settings: BalancerSettings): Step[] {
    const { name, pair, virtualAddress } = settings;
    const main = "/etc/keepalived/keepalived.conf";
    const path = `${KEEPALIVED_FOLDER}/${name}.conf`;
    const text = keepalivedInstance({
        ...settings,
        group: name,
        hosts: pair,
        ...(virtualAddress === undefined ? {} : { virtualAddress }),
    });
    return [
        common(file({ path: main, text: keepalivedConfig })),
        file({ path, text, template: true }),
        check(path, `keepalived -t -f ${main}`),
        daemon("keepalived", "reload", {
            more: `${keepalivedBefore(name)}\n${onHost("balancer/keepalived.conf")}`,
        }),
    ];
}

/**
 * Whoever makes the link anew restarts keepalived; where it cannot be made yet, its instance is at fault until it is. It begins
 * with no standing: a former master that was killed has none any more.
 */
const keepalivedBefore = (name: string) => `[Unit]
Wants=evenkeel-vrrp-link@${name}.service evenkeel-watch@${name}.service
After=evenkeel-vrrp-link@${name}.service evenkeel-watch@${name}.service

[Service]
ExecStartPre=/bin/rm -f ${watchFolder(name)}/standing
ExecStartPre=/bin/mkdir -p ${watchFolder(name)}
`;
