import { onHost } from "../hosts/programs.ts";
import { common, file, type Step, state } from "../hosts/roleText.ts";
import { daemon } from "../hosts/units.ts";
import type { AddressGroup } from "./addresses.ts";
import { BGP_WATCHED } from "./bgp.ts";
import { MISSING, STANDING } from "./points.ts";
import type { BalancerSettings } from "./settings.ts";

/**
 * Where an engine tells on loopback that it works (`path`, for keepalived and for the role's health test), and that every
 * listener of a pair has a backend that does (`readyPath` and the pair's name, for `failover`); and what it counts.
 */
export const MONITOR = { port: 8404, path: "/alive", readyPath: "/ready", metricsPath: "/metrics" };

/** Where the engine answers on loopback as on its socket: `watch` starts no program to ask. */
export const readyAddress = (virtualRouterId: number) => `127.0.${virtualRouterId}.1:${MONITOR.port}`;

/** Of a group on its host; of /run nothing outlives a boot. */
export const watchFolder = (group: string) => `/run/evenkeel-watch-${group}`;

type WatchSettings = Pick<AddressGroup, "group"> &
    Pick<BalancerSettings, "virtualRouterId" | "failBackDelay" | "bgp"> & {
        /** Points of a backup after that delay. @default who has the address has as many */
        bonus?: number;
    };

/** What `watch` goes by for a group. */
export function watchConf({
    group,
    virtualRouterId,
    failBackDelay,
    bgp,
    bonus = STANDING,
}: WatchSettings): string {
    const [address, port] = readyAddress(virtualRouterId).split(":");
    return `READY_ADDRESS=${address}
READY_PORT=${port}
WEIGHT=${MISSING}
FOLDER=${watchFolder(group)}
${bgp ? BGP_WATCHED : ""}${failBackDelay === undefined ? "" : `BONUS=${bonus}\nFAIL_BACK_S=${failBackDelay}\n`}`;
}

/** Whatever the engine: what a host reaches, and what that makes of its points. */
export function watchSteps(name: string, conf: string, capabilities: string[]): Step[] {
    const unit = "evenkeel-watch@.service";
    return [
        file({ path: `/etc/evenkeel/balancers/${name}/watch.conf`, text: conf }),
        common(file({ path: `/etc/systemd/system/${unit}`, text: onHost(`balancer/${unit}`) })),
        daemon(`evenkeel-watch@${name}`, "restart", { sandbox: { writes: [], capabilities } }),
        state(watchFolder(name)),
    ];
}
