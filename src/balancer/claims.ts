import { virtualAddressesOf } from "./addresses.ts";
import { Failover, type LoadBalancerPairArgs } from "./args.ts";
import { httpPort, openPorts } from "./frontends.ts";
import type { HttpPool } from "./listeners.ts";

export const DEFAULT_ROUTER_ID = 51;

/** What a host has for one pair alone. */
export function claimsOf(args: LoadBalancerPairArgs) {
    const { http = [], tcp = [], virtualRouterId = DEFAULT_ROUTER_ID, metricsPort } = args;
    const isCluster = args.failover === Failover.Pacemaker;
    const addresses = virtualAddressesOf(args) ?? ["the reserved IP"];
    return [
        { propertyPath: "virtualRouterId", thing: `the VRRP router ${virtualRouterId}` },
        // Pairs of one host have it together.
        ...(args.bgp ? [{ propertyPath: "bgp", thing: "the BGP session", by: `AS ${args.bgp.asn}` }] : []),
        ...(isCluster ? [{ propertyPath: "failover", thing: "the cluster of Corosync" }] : []),
        ...addresses.flatMap((address) =>
            openPorts(http, tcp).map((port) => ({
                propertyPath: pathOfPort(args, port),
                thing: `port ${port} of ${address}`,
            })),
        ),
        ...(metricsPort === undefined
            ? []
            : [{ propertyPath: "metricsPort", thing: `port ${metricsPort} of the private address` }]),
    ];
}

/** Who wants a port; the one that nobody names is where TLS sends on from. */
function pathOfPort({ http = [], tcp = [] }: LoadBalancerPairArgs, port: number): string {
    const i = http.findIndex((listener) => httpPort(listener) === port);
    if (i >= 0) return `http[${i}].port`;
    const j = tcp.findIndex((listener) => listener.port === port);
    return j >= 0 ? `tcp[${j}].port` : `http[${http.findIndex(({ tls }) => tls)}].tls.redirect`;
}

/** Paths that one host answers, in all of a pair's pools. */
export const pinsOf = ({ http = [] }: LoadBalancerPairArgs) =>
    http.flatMap((listener, i) => [
        ...pinsOfPool(`http[${i}]`, listener),
        ...(listener.routes ?? []).flatMap((route, j) => pinsOfPool(`http[${i}].routes[${j}]`, route)),
    ]);

const pinsOfPool = (at: string, { pinned = [] }: HttpPool) =>
    pinned.map(({ path, to }, i) => ({ propertyPath: `${at}.pinned[${i}].to`, path, to: to.name }));
