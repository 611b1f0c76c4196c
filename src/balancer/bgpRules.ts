import { cloudOf } from "../clouds/cloudOf.ts";
import { hidden, input, number, object, optional, type Rules } from "../hosts/shape.ts";
import { type Problem, when } from "../hosts/validation.ts";
import { Failover, type LoadBalancerPairArgs } from "./args.ts";
import type { BgpArgs } from "./bgp.ts";

/** What bird.conf takes between quotes, and TCP's signature of 80 bytes at most. */
export const bgpPassword = hidden(
    "a password of BGP: 1 to 80 letters, digits and signs, without spaces, quotes and backslashes",
    /^(?:(?!["\\])[!-~]){1,80}$/,
);

export const bgp = object<BgpArgs>("how the address is announced: `{ asn, password }`", {
    asn: number("an AS number", { from: 1, to: 4_294_967_294 }),
    password: optional(input(bgpPassword)),
});

/** What does not go with an address that is announced. */
export const bgpProblems: Rules<LoadBalancerPairArgs> = (args, sound, given): Problem[] => {
    if (!given("bgp")) return [];
    const name = sound("placement", "hosts") ? (args.placement ?? args.hosts?.[0])?.cloud : undefined;
    const own = given("virtualAddress") ? "virtualAddress" : "virtualAddresses";
    return [
        ...when(given(own), own, "`bgp` announces the cloud's reserved IP: leave one of the two out"),
        ...when(
            sound("failover") && args.failover === Failover.Pacemaker,
            "failover",
            "`bgp` goes with keepalived: leave one of the two out",
        ),
        ...when(
            name !== undefined && !cloudOf(name).router,
            "bgp",
            `"${name}" has no router that hosts could announce an address to: leave it out, and give the \`failoverToken\``,
        ),
    ];
};
