import type * as pulumi from "@pulumi/pulumi";
import { applyRole } from "../hosts/applyRole.ts";
import type { Host } from "../hosts/host.ts";
import { prepareHost, type ReadyHost } from "../hosts/hosts.ts";
import type { LoadBalancerPairArgs } from "./args.ts";
import { namedPools } from "./listeners.ts";
import { loadAgentNeeds, loadAgentSteps } from "./loadAgent.ts";

/** The hosts of all pools whose weights go by load, each once, and the argument that asks for it. */
export function loadedHosts({ http = [], tcp = [] }: LoadBalancerPairArgs): { at: string; host: Host }[] {
    const asked = namedPools(http, tcp).flatMap(([path, { backends, weightByLoad }]) =>
        weightByLoad ? backends.map((host) => ({ at: `${path}.weightByLoad`, host })) : [],
    );
    return asked.filter(({ host }, i) => asked.findIndex((each) => each.host.name === host.name) === i);
}

/** Whether one of these hosts is among them. */
export const areAsked = (names: string[], args: LoadBalancerPairArgs) =>
    loadedHosts(args).some(({ host }) => names.includes(host.name));

/** Gives each of them an agent. The balancers need not wait: who has not said anything yet has its configured weight. */
export function placeLoadAgents(
    name: string,
    args: LoadBalancerPairArgs,
    balancers: ReadyHost[],
    opts: pulumi.CustomResourceOptions,
): void {
    const pair = balancers.map(({ host }) => host);
    for (const { host } of loadedHosts(args)) {
        // A balancer that serves, too, has got its programs with the others.
        const { ready } =
            balancers.find((each) => each.host.name === host.name) ??
            prepareHost(name, host, loadAgentNeeds, opts);
        applyRole(
            host,
            {
                component: name,
                kind: "load-agent",
                steps: loadAgentSteps(
                    host.name,
                    pair.map((balancer) => balancer.name),
                ),
                hosts: [host, ...pair],
            },
            { ...opts, dependsOn: ready },
        );
    }
}
