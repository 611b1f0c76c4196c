import type { FlagshipOnVultr } from "../support/flagshipOnVultr.ts";
import { dieWhileApiFails, type Failure, failures, MOVE_TAKES_MS } from "./failures.ts";
import type { Pair } from "./pair.ts";

const named = (name: string) => failures.find((each) => each.name === name)!;

const SAME = [
    "active balancer frozen",
    "active balancer rebooted",
    "HAProxy frozen",
    "HAProxy killed",
    "keepalived killed",
    "active balancer cut off",
    "active balancer reaches no web host",
];

const ofAnnouncing: Failure[] = [
    {
        name: "BIRD killed",
        how: "SIGKILL to BIRD on the active balancer; systemd starts it again",
        moves: false,
        make: (site, { active }) => site.on(active, "pkill --signal=KILL --exact bird"),
    },
    {
        name: "BIRD frozen",
        how: "SIGSTOP to BIRD on the active balancer",
        moves: true,
        make: (site, { active }) => site.on(active, "pkill --signal=STOP --exact bird"),
        heal: (site, { active }) => site.on(active, "pkill --signal=CONT --exact bird"),
    },
    {
        name: "BIRD stopped",
        how: "`systemctl stop bird` on the active balancer",
        moves: true,
        make: (site, { active }) => site.on(active, "systemctl stop bird"),
        heal: (site, { active }) => site.on(active, "systemctl start bird"),
    },
];

/** Those of a pair that announces its address there: nothing goes by the API. */
export const failuresOfAnnouncing = (site: FlagshipOnVultr): Failure[] => [
    ...failuresOnVultr(site).filter(({ name }) => !name.startsWith("API ")),
    ...["active balancer not heard", "balancers deaf to each other", "active balancer's gateway gone"].map(
        named,
    ),
    ...ofAnnouncing,
];

/** Those of a pair on Vultr, where the API's words and the way of an address are others. */
export function failuresOnVultr(site: FlagshipOnVultr): Failure[] {
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
