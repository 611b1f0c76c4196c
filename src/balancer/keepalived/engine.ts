import { onHost } from "../../hosts/programs.ts";
import { check, common, file, type Step } from "../../hosts/roleText.ts";
import { daemon } from "../../hosts/units.ts";
import { groupsOf } from "../addresses.ts";
import { engineOf } from "../engines.ts";
import type { FailoverEngine } from "../failover.ts";
import { TAKING } from "../points.ts";
import type { BalancerSettings } from "../settings.ts";
import { watchConf, watchFolder, watchSteps } from "../watch.ts";
import { KEEPALIVED_FOLDER, keepalivedConfig, keepalivedInstance, scriptText } from "./config.ts";
import { renderVrrpLink, VRRP_LINK_PORT, vrrpLink } from "./vrrpLink.ts";

/** VRRP decides, by keepalived. */
export const keepalivedEngine: FailoverEngine = {
    packages: ["keepalived"],
    programs: [
        "balancer/failover",
        "balancer/check-haproxy",
        "balancer/step-aside",
        "balancer/standing",
        "balancer/virtual-address",
        "balancer/vrrp-link",
        "balancer/watch",
    ],
    unit: "keepalived",
    claims: [],
    rules: ({ host, pair, virtualRouterId }) => [
        ...pair
            .filter((peer) => peer !== host)
            .map((peer) => `ip saddr ${peer} udp dport ${VRRP_LINK_PORT} accept`),
        `iifname ${vrrpLink(virtualRouterId)} ip protocol vrrp accept`,
    ],
    // Before keepalived, which goes by files of the watch's folder.
    steps: (settings) => [
        ...link(settings),
        ...groupsOf(settings).flatMap(({ group }) =>
            watchSteps(group, watchConf({ ...settings, group, ...alone(settings) }), [
                "NET_RAW",
                // BIRD's socket is its user's.
                ...(settings.bgp ? ["DAC_OVERRIDE"] : []),
            ]),
        ),
        ...keepalived(settings),
    ],
    failoverLines: () => "",
    // It may take over once its checks have succeeded twice, a second apart.
    readyAgain: () => "sleep 3",
};

/** With nobody else in the pair, whoever has the address is about to go. */
const alone = ({ pair }: BalancerSettings) => (pair.length === 1 ? { failBackDelay: 0, bonus: TAKING } : {});

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

function keepalived(settings: BalancerSettings): Step[] {
    const { name } = settings;
    const main = "/etc/keepalived/keepalived.conf";
    const path = `${KEEPALIVED_FOLDER}/${name}.conf`;
    const script = engineOf(settings).script?.(settings);
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
