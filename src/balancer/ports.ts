import { arrivals } from "./addresses.ts";
import { openPorts } from "./frontends.ts";
import { sharesVisitors } from "./haproxy/config.ts";
import type { BalancerSettings } from "./settings.ts";

/** Ports of the shared address. */
export const visitorPorts = ({ http, tcp }: BalancerSettings) => openPorts(http, tcp);

/** What is sent to the reserved IP is for the listeners alone, SSH included. */
export function forVisitors(settings: BalancerSettings): string[] {
    const ports = visitorPorts(settings);
    if (!settings.cloud) return ports.map((port) => `tcp dport ${port} accept`);
    return arrivals(settings).addresses.flatMap((address) => [
        `ip daddr ${address} tcp dport { ${ports.join(", ")} } accept`,
        `ip daddr ${address} drop`,
    ]);
}

/** Where the balancers tell each other what visitor was where. */
export const peersPort = ({ virtualRouterId }: BalancerSettings) => 10_000 + virtualRouterId;

/** Ports of the private address. */
export const ownPorts = (settings: BalancerSettings): number[] => [
    ...(sharesVisitors(settings) ? [peersPort(settings)] : []),
    ...(settings.metricsPort === undefined ? [] : [settings.metricsPort]),
];

/** Rules for who comes to the private address. */
export function forOthers(settings: BalancerSettings): string[] {
    const { host, pair, metricsPort } = settings;
    const peers = sharesVisitors(settings) ? pair.filter((peer) => peer !== host) : [];
    return [
        ...peers.map((peer) => `ip saddr ${peer} tcp dport ${peersPort(settings)} accept`),
        ...(metricsPort === undefined ? [] : [`ip daddr ${host} tcp dport ${metricsPort} accept`]),
    ];
}
