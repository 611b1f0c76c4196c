import { acmeReports, acmeSteps } from "../acme/role.ts";
import { onHost } from "../hosts/programs.ts";
import { claims, common, file, firewall, resume, type Step, secret, service } from "../hosts/roleText.ts";
import { dropIn, job } from "../hosts/units.ts";
import { engineOf } from "./engine.ts";
import { failoverOf } from "./failovers.ts";
import { haveHolders, steppingAside, tellHolders } from "./holder.ts";
import { failoverConf, failoverFolder, masterMark } from "./keepalived.ts";
import { forOthers, forVisitors, ownPorts, visitorPorts } from "./ports.ts";
import type { BalancerSettings } from "./settings.ts";

/** The role of one balancer. What serves visitors comes first: the address is claimed only where that answers. */
export function balancerSteps(settings: BalancerSettings): Step[] {
    const { host, virtualRouterId, apiUrl, virtualAddresses = ["reserved IP"], acme } = settings;
    const engine = engineOf(settings);
    const failover = failoverOf(settings.failover);
    return [
        claims([
            `VRRP router ${virtualRouterId}`,
            ...failover.claims,
            ...virtualAddresses.flatMap((address) =>
                visitorPorts(settings).map((port) => `tcp ${address}:${port}`),
            ),
            ...ownPorts(settings).map((port) => `tcp ${host}:${port}`),
        ]),
        firewall([...forVisitors(settings), ...forOthers(settings), ...failover.rules(settings)]),
        ...(acme ? acmeSteps(acme) : []),
        ...engine.steps(settings),
        ...(apiUrl === undefined ? [] : moving(settings, apiUrl, failover.failoverLines(settings))),
        ...failover.steps(settings),
        ...haveHolders(settings),
        ...steppingAside(settings, failover.unit),
        ...(engine.atWork?.(settings) ?? []),
        resume("traffic", `systemctl start ${failover.unit}`),
        resume("traffic", failover.readyAgain(settings)),
        ...tellHolders(settings),
        ...(acme ? acmeReports(acme) : []),
    ];
}

/** How the reserved IP is moved by the cloud. */
function moving(settings: BalancerSettings, apiUrl: string, more: string): Step[] {
    const { name, virtualRouterId } = settings;
    const header = `/etc/evenkeel/balancers/${name}/failover.header`;
    const conf = `API_URL=${apiUrl}
ADDRESS={{value address}}
DROPLET_ID={{value host}}
VIP=${masterMark(virtualRouterId)}
READY=${engineOf(settings).readySocket(name)}
HEADER=${header}
RUN_DIR=${failoverFolder(name)}
${more}`;
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
