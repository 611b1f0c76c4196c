import type { FlagshipOnVultr } from "../support/flagshipOnVultr.ts";
import { type Failure, failures, fault } from "./failures.ts";
import { pullPlug } from "./hosts.ts";
import { inMs, type Pair } from "./pair.ts";

const API_FAILS_MS = 10_000;
const MOVE_TAKES_MS = 5000;

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
            async make(_, { active }) {
                await fault(site, {
                    error: { status: 500, path: "/v2/reserved-ips" },
                    until: inMs(API_FAILS_MS),
                });
                await pullPlug(site, active);
            },
            heal: powerOn,
        },
        {
            ...named("API takes its time, and the active balancer dies"),
            how: `plug pulled; to detach and to attach take ${MOVE_TAKES_MS / 1000} s each, as at a real cloud`,
            lastsMs: 2 * MOVE_TAKES_MS,
            async make(_, { active }) {
                await fault(site, { actionMs: MOVE_TAKES_MS, until: inMs(MOVE_TAKES_MS - 1000) });
                await pullPlug(site, active);
            },
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
