import { onHost } from "../hosts/programs.ts";
import { common, file, firewall, healthy, reports, type Step, word } from "../hosts/roleText.ts";
import { daemon } from "../hosts/units.ts";

/** Port of the private address at which a host tells balancers how loaded it is. */
export const LOAD_AGENT_PORT = 8406;

/** The least that an agent says, in percent: who is asked for weights has them at HAProxy in such steps that this is one at least. */
export const LEAST_PERCENT = 10;

/** All pairs have the agent of a host together. */
export const loadAgentClaim = (propertyPath: string) => ({
    propertyPath,
    thing: `port ${LOAD_AGENT_PORT} of the private address`,
    by: "the load agent of the balancers",
});

export const loadAgentNeeds = { packages: ["python3"], programs: ["balancer/load-agent"] };

/**
 * The role of a host whose weight goes by its load. Whoever asks for it, in how many pools, the host has one agent: all but the
 * firewall is common to them.
 */
export function loadAgentSteps(host: string, balancers: string[]): Step[] {
    const unit = "evenkeel-load-agent";
    const conf = `ADDRESS={{address ${host}}}\nPORT=${LOAD_AGENT_PORT}\n`;
    const ask = `exec 3<>/dev/tcp/${host}/${LOAD_AGENT_PORT} && read -r -t 2 share <&3 && [[ $share == *% ]] && echo "$share"`;
    return [
        firewall(
            balancers
                .filter((balancer) => balancer !== host)
                .map((balancer) => `ip saddr ${balancer} tcp dport ${LOAD_AGENT_PORT} accept`),
        ),
        common(file({ path: "/etc/evenkeel/load-agent.conf", text: conf, template: true })),
        common(
            file({
                path: `/etc/systemd/system/${unit}.service`,
                text: onHost(`balancer/${unit}.service`),
            }),
        ),
        daemon(unit, "restart", { sandbox: { writes: [], capabilities: [] } }),
        healthy("the load agent answers", `bash -c ${word(ask)}`),
        reports("share by load", `bash -c ${word(ask)}`),
    ];
}
