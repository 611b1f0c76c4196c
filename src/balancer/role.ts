import { onHost } from "../hosts/programs.ts";
import { check, file, firewall, healthy, roleText, type Step, secret, service } from "../hosts/roleText.ts";
import { haproxyConfig, MONITOR } from "./haproxy.ts";
import { masterMark, renderKeepalived } from "./keepalived.ts";
import { renderVrrpLink, VRRP_LINK, VRRP_LINK_PORT } from "./vrrpLink.ts";

/** A listener of the pair, hosts by name. */
export interface Listener {
    port?: number;
    backends: string[];
    backendPort?: number;
    balance?: string;
    healthPath?: string;
    pinned: { path: string; to: string; fallback?: boolean }[];
}

export interface BalancerSettings {
    host: string;
    /** The pair's hosts, the preferred one first. */
    pair: string[];
    listeners: Listener[];
    virtualRouterId: number;
    preempt: boolean;
    /** With a reserved IP: base URL of the cloud's API. */
    apiUrl?: string;
    /** Without one: the address that VRRP carries, in CIDR form. */
    virtualAddress?: string;
}

/** The role of one balancer. HAProxy comes first: keepalived claims the address only where HAProxy answers. */
export function balancerText(settings: BalancerSettings): string {
    const { host, pair, apiUrl } = settings;
    return roleText("balancer", host, [
        firewall([
            ...openPorts(settings),
            ...pair
                .filter((peer) => peer !== host)
                .map((peer) => `ip saddr ${peer} udp dport ${VRRP_LINK_PORT} accept`),
            `iifname ${VRRP_LINK} ip protocol vrrp accept`,
        ]),
        ...haproxy(settings),
        ...(apiUrl === undefined ? [] : failover(settings, apiUrl)),
        ...vrrpLink(settings),
        ...keepalived(settings),
        hasHolder(settings),
    ]);
}

/** One of the pair has the address; which one is VRRP's to say. */
function hasHolder({ virtualAddress, listeners }: BalancerSettings): Step {
    if (virtualAddress === undefined) {
        return healthy("the reserved IP has a holder", "/usr/local/lib/evenkeel/failover held");
    }
    const url = `http://${virtualAddress.split("/")[0]}:${listeners[0]!.port ?? 80}/`;
    return healthy("the virtual address has a holder", `curl -sS -m 2 -o /dev/null ${url}`);
}

/** Through the anchor comes what is sent to the reserved IP: that is for the listeners alone, SSH included. */
function openPorts({ listeners, apiUrl }: BalancerSettings): string[] {
    const ports = listeners.map(({ port = 80 }) => port);
    if (apiUrl === undefined) return ports.map((port) => `tcp dport ${port} accept`);
    return [`ip daddr {{anchor}} tcp dport { ${ports.join(", ")} } accept`, "ip daddr {{anchor}} drop"];
}

function haproxy({ listeners, virtualAddress }: BalancerSettings): Step[] {
    const path = "/etc/haproxy/haproxy.cfg";
    const [address] = (virtualAddress ?? "").split("/");
    const text = haproxyConfig(
        listeners.map(({ port = 80, backends, backendPort = 80, balance, healthPath, pinned }) => ({
            // The anchor receives what is sent to the reserved IP; the host's own public address stays closed.
            address: address || "{{anchor}}",
            nonLocal: virtualAddress !== undefined,
            port,
            backends: backends.map((name) => ({ host: name, port: backendPort })),
            balance: balance ?? "roundrobin",
            healthPath: healthPath ?? "/healthz",
            pinned: pinned.map(({ path, to, fallback = true }) => ({ path, host: to, fallback })),
        })),
    );
    return [
        file({ path, text, template: true }),
        check(path, `haproxy -c -f ${path}`),
        service("haproxy", "reload"),
        healthy(
            "HAProxy answers",
            `curl -fsS -m 2 -o /dev/null http://127.0.0.1:${MONITOR.port}${MONITOR.path}`,
        ),
    ];
}

function failover({ virtualRouterId }: BalancerSettings, apiUrl: string): Step[] {
    const conf = `API_URL=${apiUrl}
ADDRESS={{value address}}
DROPLET_ID={{value host}}
VIP=${masterMark(virtualRouterId)}
READY=http://127.0.0.1:${MONITOR.port}${MONITOR.readyPath}
`;
    return [
        file({ path: "/etc/evenkeel/failover.conf", text: conf, template: true }),
        secret("/etc/evenkeel/failover.header", "header"),
        ...["evenkeel-failover.service", "evenkeel-failover.timer"].map((unit) =>
            file({ path: `/etc/systemd/system/${unit}`, text: onHost(`balancer/${unit}`) }),
        ),
        service("evenkeel-failover.timer", "restart"),
    ];
}

function vrrpLink({ host, pair, virtualRouterId }: BalancerSettings): Step[] {
    const unit = "evenkeel-vrrp-link.service";
    const text = renderVrrpLink({ host, hosts: pair, virtualRouterId });
    return [
        file({ path: "/etc/evenkeel/vrrp-link.conf", text, template: true }),
        file({ path: `/etc/systemd/system/${unit}`, text: onHost(`balancer/${unit}`) }),
        service(unit, "reload"),
    ];
}

function keepalived({ host, pair, virtualRouterId, preempt, virtualAddress }: BalancerSettings): Step[] {
    const path = "/etc/keepalived/keepalived.conf";
    const text = renderKeepalived({
        host,
        hosts: pair,
        virtualRouterId,
        preempt,
        monitor: MONITOR,
        ...(virtualAddress === undefined ? {} : { virtualAddress }),
    });
    const restart = "/etc/systemd/system/keepalived.service.d/10-evenkeel.conf";
    return [
        file({ path: restart, text: onHost("balancer/keepalived-restart.conf") }),
        file({ path, text, template: true }),
        check(path, `keepalived -t -f ${path}`),
        service("keepalived", "reload"),
    ];
}
