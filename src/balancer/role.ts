import { acmeReports, acmeSteps } from "../acme/role.ts";
import { onHost } from "../hosts/programs.ts";
import { claims, common, file, firewall, resume, type Step, secret, service } from "../hosts/roleText.ts";
import { dropIn, job } from "../hosts/units.ts";
import { engineOf } from "./engines.ts";
import { readySocket } from "./haproxy.ts";
import { haproxySteps } from "./haproxyRole.ts";
import { haveHolders, steppingAside, tellHolders } from "./holder.ts";
import { failoverConf, failoverFolder, masterMark } from "./keepalived.ts";
import { forOthers, forVisitors, ownPorts, visitorPorts } from "./ports.ts";
import type { BalancerSettings } from "./settings.ts";

/** The role of one balancer. HAProxy comes first: the engine claims the address only where HAProxy answers. */
export function balancerSteps(settings: BalancerSettings): Step[] {
    const engine = engineOf(settings.failover);
    const { host, virtualRouterId, apiUrl, virtualAddresses = ["reserved IP"], acme } = settings;
    return [
        claims([
            `VRRP router ${virtualRouterId}`,
            ...engine.claims,
            ...virtualAddresses.flatMap((address) =>
                visitorPorts(settings).map((port) => `tcp ${address}:${port}`),
            ),
            ...ownPorts(settings).map((port) => `tcp ${host}:${port}`),
        ]),
        firewall([...forVisitors(settings), ...forOthers(settings), ...engine.rules(settings)]),
        ...(acme ? acmeSteps(acme) : []),
        ...haproxySteps(settings),
        ...(apiUrl === undefined ? [] : failover(settings, apiUrl, engine.failoverLines(settings))),
        ...engine.steps(settings),
        ...haveHolders(settings),
        ...steppingAside(settings, engine.unit),
        resume("traffic", `systemctl start ${engine.unit}`),
        resume("traffic", engine.readyAgain(settings)),
        ...tellHolders(settings),
        ...(acme ? acmeReports(acme) : []),
    ];
}

function failover({ name, virtualRouterId }: BalancerSettings, apiUrl: string, more: string): Step[] {
    const header = `/etc/evenkeel/balancers/${name}/failover.header`;
    const conf = `API_URL=${apiUrl}
ADDRESS={{value address}}
DROPLET_ID={{value host}}
VIP=${masterMark(virtualRouterId)}
READY=${readySocket(name)}
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
