import { acmeReports, acmeSteps } from "../acme/role.ts";
import { claims, firewall, resume, type Step } from "../hosts/roleText.ts";
import { announcing } from "./announcing.ts";
import { engineOf } from "./engines.ts";
import { failoverOf } from "./failovers.ts";
import { haveHolders, steppingAside, tellHolders } from "./holder.ts";
import { forOthers, forVisitors, ownPorts, visitorPorts } from "./ports.ts";
import { moving } from "./reservedIp.ts";
import type { BalancerSettings } from "./settings.ts";

/** How the balancer that has the reserved IP gets its traffic. */
function reservedIp(settings: BalancerSettings): Step[] {
    const { cloud, bgp } = settings;
    if (bgp) return announcing(settings, bgp);
    return cloud ? moving(settings, cloud, failoverOf(settings.failover).failoverLines(settings)) : [];
}

/** The role of one balancer. What serves visitors comes first: the address is claimed only where that answers. */
export function balancerSteps(settings: BalancerSettings): Step[] {
    const { host, virtualRouterId, virtualAddresses = ["reserved IP"], acme } = settings;
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
        ...reservedIp(settings),
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
