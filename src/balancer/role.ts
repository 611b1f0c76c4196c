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
import {
    HAPROXY_FOLDER,
    haproxyConfig,
    haproxyDefaults,
    haproxyListeners,
    MONITOR,
    readySocket,
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
import { leavingTheAddress } from "./stepAside.ts";
import { renderVrrpLink, VRRP_LINK_PORT, vrrpLink } from "./vrrpLink.ts";

/** A listener of the pair, hosts by name. */
export interface Listener {
    port?: number;
    backends: string[];
    backendPort?: number;
    balance?: string;
    healthPath?: string;
    pinned: { path: string; to: string; fallback?: boolean }[];
    trustedProxies?: string[];
    timeout?: number;
}

export interface BalancerSettings {
    /** The pair's name: several pairs may share a host. */
    name: string;
    host: string;
    /** The pair's hosts, the preferred one first. */
    pair: string[];
    listeners: Listener[];
    virtualRouterId: number;
    /** Seconds after which a host that returned takes the address back; without, it does not. */
    failBackDelay?: number;
    /** With a reserved IP: base URL of the cloud's API. */
    apiUrl?: string;
    /** Without one: the address that VRRP carries, in CIDR form. */
    virtualAddress?: string;
}

/** The role of one balancer. HAProxy comes first: keepalived claims the address only where HAProxy answers. */
export function balancerSteps(settings: BalancerSettings): Step[] {
    const { host, pair, listeners, virtualRouterId, apiUrl, virtualAddress = "reserved IP" } = settings;
    return [
        claims([
            `VRRP router ${virtualRouterId}`,
            ...listeners.map(({ port = 80 }) => `tcp ${virtualAddress}:${port}`),
        ]),
        firewall([
            ...openPorts(settings),
            ...pair
                .filter((peer) => peer !== host)
                .map((peer) => `ip saddr ${peer} udp dport ${VRRP_LINK_PORT} accept`),
            `iifname ${vrrpLink(virtualRouterId)} ip protocol vrrp accept`,
        ]),
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
    ];
}

/** One of the pair has the address; which one is VRRP's to say. */
function hasHolder({ name, virtualAddress, listeners }: BalancerSettings): Step {
    if (virtualAddress === undefined) {
        const held = `/usr/local/lib/evenkeel/failover held ${failoverConf(name)}`;
        return healthy("the reserved IP has a holder", held);
    }
    const url = `http://${virtualAddress.split("/")[0]}:${listeners[0]!.port ?? 80}/`;
    return healthy("the virtual address has a holder", `curl -sS -m 2 -o /dev/null ${url}`);
}

/** How it leaves the address to another balancer; who is alone has nobody to leave it to, and planned work goes on. */
function steppingAside(settings: BalancerSettings): Step[] {
    const { name, pair, listeners, virtualAddress } = settings;
    if (pair.length === 1)
        return [
            drain("traffic", "echo no other balancer stands by: visitors get no answer until it is back"),
        ];
    const address = virtualAddress?.split("/")[0];
    return leavingTheAddress({
        name,
        ...(address === undefined ? {} : { address }),
        ports: listeners.map(({ port = 80 }) => port),
        elsewhere: whetherElsewhere(settings),
    });
}

/** Asked while VRRP has stopped here. */
function whetherElsewhere({ name, virtualAddress, listeners }: BalancerSettings): string {
    if (virtualAddress === undefined)
        return `/usr/local/lib/evenkeel/failover elsewhere ${failoverConf(name)}`;
    const [address] = virtualAddress.split("/");
    return `/usr/local/lib/evenkeel/virtual-address ${address} ${listeners[0]!.port ?? 80}`;
}

function tellHolder({ name, virtualAddress, listeners }: BalancerSettings): Step {
    const command =
        virtualAddress === undefined
            ? `failover holder ${failoverConf(name)}`
            : `virtual-address ${virtualAddress.split("/")[0]} ${listeners[0]!.port ?? 80}`;
    return reports("address", `/usr/local/lib/evenkeel/${command}`);
}

/** Through the anchor comes what is sent to the reserved IP: that is for the listeners alone, SSH included. */
function openPorts({ listeners, apiUrl }: BalancerSettings): string[] {
    const ports = listeners.map(({ port = 80 }) => port);
    if (apiUrl === undefined) return ports.map((port) => `tcp dport ${port} accept`);
    return [`ip daddr {{anchor}} tcp dport { ${ports.join(", ")} } accept`, "ip daddr {{anchor}} drop"];
}

function haproxy({ name, listeners, virtualAddress, virtualRouterId }: BalancerSettings): Step[] {
    const main = "/etc/haproxy/haproxy.cfg";
    const path = `${HAPROXY_FOLDER}/${name}.cfg`;
    const [address] = (virtualAddress ?? "").split("/");
    const text = haproxyListeners(
        name,
        listeners.map(({ port = 80, backends, backendPort = 80, balance, healthPath, pinned, ...rest }) => ({
            // The anchor receives what is sent to the reserved IP; the host's own public address stays closed.
            address: address || "{{anchor}}",
            nonLocal: virtualAddress !== undefined,
            port,
            backends: backends.map((name) => ({ host: name, port: backendPort })),
            balance: balance ?? "roundrobin",
            healthPath: healthPath ?? "/healthz",
            pinned: pinned.map(({ path, to, fallback = true }) => ({ path, host: to, fallback })),
            trustedProxies: rest.trustedProxies ?? [],
            timeout: rest.timeout ?? 60,
        })),
        readyAddress(virtualRouterId),
    );
    return [
        common(file({ path: main, text: haproxyConfig })),
        common(file({ path: "/etc/default/haproxy", text: haproxyDefaults })),
        file({ path, text, template: true }),
        check(path, `haproxy -c -f ${main} -f ${HAPROXY_FOLDER}`),
        // HAProxy leaves it behind.
        state(readySocket(name)),
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
