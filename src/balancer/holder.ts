import { drain, healthy, reports, type Step } from "../hosts/roleText.ts";
import { arrivals, bare, isSplit } from "./addresses.ts";
import { isAnnouncedElsewhere, isHeld, tellAnnounced } from "./announcing.ts";
import { openPorts, probed } from "./frontends.ts";
import { failoverConf } from "./reservedIp.ts";
import type { BalancerSettings } from "./settings.ts";
import { leavingTheAddress } from "./stepAside.ts";

/** One of the pair has each address; which one is the engine's to say. */
export function haveHolders(settings: BalancerSettings): Step[] {
    const { name, virtualAddresses, bgp } = settings;
    if (bgp) return [isHeld(name)];
    if (!virtualAddresses) {
        const held = `/usr/local/lib/evenkeel/failover held ${failoverConf(name)}`;
        return [healthy("the reserved IP has a holder", held)];
    }
    const what = (address: string) =>
        isSplit(virtualAddresses) ? `the virtual address ${bare(address)}` : "the virtual address";
    return virtualAddresses.map((address) =>
        healthy(`${what(address)} has a holder`, probe(settings, address)),
    );
}

/** How it leaves the address to another balancer; who is alone has nobody to leave it to, and planned work goes on. */
export function steppingAside(settings: BalancerSettings, unit: string): Step[] {
    const { name, pair } = settings;
    if (pair.length === 1)
        return [
            drain("traffic", "echo no other balancer stands by: visitors get no answer until it is back"),
        ];
    return leavingTheAddress({
        name,
        addresses: arrivals(settings).addresses,
        ports: openPorts(settings.http, settings.tcp),
        unit,
        elsewhere: whetherElsewhere(settings),
    });
}

/** Asked while the engine has stopped here. */
function whetherElsewhere(settings: BalancerSettings): string {
    const { name, virtualAddresses, bgp } = settings;
    if (bgp) return isAnnouncedElsewhere(name);
    if (!virtualAddresses) return `/usr/local/lib/evenkeel/failover elsewhere ${failoverConf(name)}`;
    return virtualAddresses.map((address) => probe(settings, address)).join(" && ");
}

/** Whether anybody has a virtual address, asked by the pair's first listener. */
export function probe(settings: BalancerSettings, virtualAddress: string): string {
    const { port, scheme } = probed(settings);
    return `/usr/local/lib/evenkeel/virtual-address ${bare(virtualAddress)} ${port} ${scheme}`;
}

/** For the status: who has each address. */
export function tellHolders(settings: BalancerSettings): Step[] {
    const { name, virtualAddresses, bgp } = settings;
    if (bgp) return tellAnnounced(name);
    if (!virtualAddresses)
        return [reports("address", `/usr/local/lib/evenkeel/failover holder ${failoverConf(name)}`)];
    return virtualAddresses.map((address, i) =>
        reports(i === 0 ? "address" : `address ${i + 1}`, probe(settings, address)),
    );
}
