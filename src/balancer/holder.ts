import { drain, healthy, reports, type Step } from "../hosts/roleText.ts";
import { httpPort, openPorts } from "./frontends.ts";
import { failoverConf } from "./keepalived.ts";
import type { BalancerSettings } from "./settings.ts";
import { leavingTheAddress } from "./stepAside.ts";

/** One of the pair has the address; which one is the engine's to say. */
export function hasHolder(settings: BalancerSettings): Step {
    const { name, virtualAddress } = settings;
    if (virtualAddress === undefined) {
        const held = `/usr/local/lib/evenkeel/failover held ${failoverConf(name)}`;
        return healthy("the reserved IP has a holder", held);
    }
    return healthy("the virtual address has a holder", probe(settings, virtualAddress));
}

/** How it leaves the address to another balancer; who is alone has nobody to leave it to, and planned work goes on. */
export function steppingAside(settings: BalancerSettings, unit: string): Step[] {
    const { name, pair, virtualAddress } = settings;
    if (pair.length === 1)
        return [
            drain("traffic", "echo no other balancer stands by: visitors get no answer until it is back"),
        ];
    const address = virtualAddress?.split("/")[0];
    return leavingTheAddress({
        name,
        ...(address === undefined ? {} : { address }),
        ports: openPorts(settings.http, settings.tcp),
        unit,
        elsewhere: whetherElsewhere(settings),
    });
}

/** Asked while the engine has stopped here. */
function whetherElsewhere(settings: BalancerSettings): string {
    const { name, virtualAddress } = settings;
    if (virtualAddress === undefined)
        return `/usr/local/lib/evenkeel/failover elsewhere ${failoverConf(name)}`;
    return probe(settings, virtualAddress);
}

/** Whether anybody has the virtual address, asked by the pair's first listener. */
export function probe({ http: [http], tcp: [tcp] }: BalancerSettings, virtualAddress: string): string {
    const [port, scheme] = http ? [httpPort(http), http.tls ? "https" : "http"] : [tcp!.port, "tcp"];
    return `/usr/local/lib/evenkeel/virtual-address ${virtualAddress.split("/")[0]} ${port} ${scheme}`;
}

/** For the status: who has the address. */
export function tellHolder(settings: BalancerSettings): Step {
    const { name, virtualAddress } = settings;
    const command =
        virtualAddress === undefined
            ? `/usr/local/lib/evenkeel/failover holder ${failoverConf(name)}`
            : probe(settings, virtualAddress);
    return reports("address", command);
}
