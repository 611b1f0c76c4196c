import { acmeReports, acmeSteps } from "../acme/role.ts";
import { onHost } from "../hosts/programs.ts";
import {
    check,
    claims,
    common,
    file,
    firewall,
    resume,
    type Step,
    secret,
    service,
    state,
} from "../hosts/roleText.ts";
import { daemon, dropIn, job } from "../hosts/units.ts";
import { type AddressGroup, groupsOf } from "./addresses.ts";
import { engineOf } from "./engine.ts";
import { haveHolders, steppingAside, tellHolders } from "./holder.ts";
import {
    failoverConf,
    KEEPALIVED_FOLDER,
    keepalivedConfig,
    keepalivedInstance,
    masterMark,
    scriptText,
    watchConf,
    watchFolder,
} from "./keepalived.ts";
import { forOthers, forVisitors, ownPorts, visitorPorts } from "./ports.ts";
import type { BalancerSettings } from "./settings.ts";
import { renderVrrpLink, VRRP_LINK_PORT, vrrpLink } from "./vrrpLink.ts";

/** The role of one balancer. The engine comes first: keepalived claims the address only where that answers. */
export function balancerSteps(settings: BalancerSettings): Step[] {
    const { host, pair, virtualRouterId, apiUrl, virtualAddresses = ["reserved IP"], acme } = settings;
    const engine = engineOf(settings);
    return [
        claims([
            `VRRP router ${virtualRouterId}`,
            ...virtualAddresses.flatMap((address) =>
                visitorPorts(settings).map((port) => `tcp ${address}:${port}`),
            ),
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
        ...engine.steps(settings),
        ...(apiUrl === undefined ? [] : failover(settings, apiUrl)),
        ...link(settings),
        ...groupsOf(settings).flatMap((group) => watch({ ...settings, ...group })),
        ...keepalived(settings),
        ...haveHolders(settings),
        ...steppingAside(settings),
        ...(engine.atWork?.(settings) ?? []),
        resume("traffic", "systemctl start keepalived"),
        // It may take over once its checks have succeeded twice, a second apart.
        resume("traffic", "sleep 3"),
        ...tellHolders(settings),
        ...(acme ? acmeReports(acme) : []),
    ];
}

function failover(settings: BalancerSettings, apiUrl: string): Step[] {
    const { name, virtualRouterId } = settings;
    const header = `/etc/evenkeel/balancers/${name}/failover.header`;
    const conf = `API_URL=${apiUrl}
ADDRESS={{value address}}
DROPLET_ID={{value host}}
VIP=${masterMark(virtualRouterId)}
READY=${engineOf(settings).readySocket(name)}
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
function watch(settings: BalancerSettings & AddressGroup): Step[] {
    const { group } = settings;
    const unit = "evenkeel-watch@.service";
    return [
        file({ path: `/etc/evenkeel/balancers/${group}/watch.conf`, text: watchConf(settings) }),
        common(file({ path: `/etc/systemd/system/${unit}`, text: onHost(`balancer/${unit}`) })),
        daemon(`evenkeel-watch@${group}`, "restart", { sandbox: { writes: [], capabilities: ["NET_RAW"] } }),
        state(watchFolder(group)),
    ];
}

function keepalived(settings: BalancerSettings): Step[] {
    const { name } = settings;
    const script = engineOf(settings).script?.(settings);
    const main = "/etc/keepalived/keepalived.conf";
    const path = `${KEEPALIVED_FOLDER}/${name}.conf`;
    const groups = groupsOf(settings);
    // All addresses of a pair go by one script.
    const text = [
        ...(script ? [scriptText(script)] : []),
        ...groups.map((group) =>
            keepalivedInstance({ ...settings, ...group, ...(script ? { script: script.name } : {}) }),
        ),
    ].join("\n");
    const before = keepalivedBefore(
        name,
        groups.map(({ group }) => group),
    );
    return [
        common(file({ path: main, text: keepalivedConfig })),
        file({ path, text, template: true }),
        check(path, `keepalived -t -f ${main}`),
        daemon("keepalived", "reload", { more: `${before}\n${onHost("balancer/keepalived.conf")}` }),
    ];
}

/**
 * Whoever makes the link anew restarts keepalived; where it cannot be made yet, its instance is at fault until it is. It begins
 * with no standing: a former master that was killed has none any more.
 */
function keepalivedBefore(name: string, groups: string[]): string {
    const needed = [`vrrp-link@${name}`, ...groups.map((group) => `watch@${group}`)];
    const units = needed.map((unit) => `evenkeel-${unit}.service`).join(" ");
    const folders = groups.map(watchFolder);
    return `[Unit]
Wants=${units}
After=${units}

[Service]
ExecStartPre=/bin/rm -f ${folders.map((folder) => `${folder}/standing`).join(" ")}
ExecStartPre=/bin/mkdir -p ${folders.join(" ")}
`;
}
