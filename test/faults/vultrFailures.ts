import type { FlagshipOnVultr } from "../support/flagshipOnVultr.ts";
import { dieWhileApiFails, type Failure, failures, MOVE_TAKES_MS } from "./failures.ts";
import type { Pair } from "./pair.ts";

const SAME = [
    "active balancer frozen",
    "active balancer rebooted",
    "HAProxy frozen",
    "HAProxy killed",
    "keepalived killed",
    "active balancer cut off",
    "active balancer reaches no web host",
];

/** Those of a pair on Vultr, where the API's words and the way of an address are others. */
export function failuresOnVultr(site: FlagshipOnVultr): Failure[] {
    const named = (name: string) => failures.find((each) => each.name === name)!;
    const powerOn = (_: unknown, { active }: Pair) => site.power(active, "start");
    return [
        {
            ...named("active balancer powered off"),
            how: "`halt` through the cloud's API",
            make: (_, { active }) => site.power(active, "halt"),
            heal: powerOn,
        },
        ...SAME.map(named),
        {
            ...named("API fails, and the active balancer dies"),
            make: dieWhileApiFails("/v2/reserved-ips"),
            heal: powerOn,
        },
        {
            ...named("API takes its time, and the active balancer dies"),
            how: `plug pulled; to detach and to attach take ${MOVE_TAKES_MS / 1000} s each, as at a real cloud`,
            lastsMs: 2 * MOVE_TAKES_MS,
            heal: powerOn,
        },
        {
            ...named("web host powered off"),
            how: "`halt` through the cloud's API",
            make: () => site.power("web-1", "halt"),
            heal: () => site.power("web-1", "start"),
        },
    ];
}
