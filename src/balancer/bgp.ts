import type * as pulumi from "@pulumi/pulumi";
import type { Cloud, CloudRouter } from "../clouds/cloud.ts";
import type { LoadBalancerPairArgs } from "./args.ts";

/** How balancers announce their reserved IP. */
export interface BgpArgs {
    /** The account's number, its own or one that the cloud has given it: 1 to 4294967294. */
    asn: number;
    /** With which the router takes a session; it is the account's. @default none */
    password?: pulumi.Input<string>;
}

/** What one balancer goes by to announce the address. */
export interface BgpSettings {
    asn: number;
    hasPassword: boolean;
    /** Whether who has the address detaches it from instances: a pair that the API moved goes over to this. */
    detaches: boolean;
    router: CloudRouter;
}

export function settingsOfBgp(
    { bgp, failoverToken }: Pick<LoadBalancerPairArgs, "bgp" | "failoverToken">,
    cloud: Cloud,
): BgpSettings | undefined {
    if (!bgp) return undefined;
    const { asn, password } = bgp;
    return {
        asn,
        hasPassword: password !== undefined,
        detaches: failoverToken !== undefined,
        router: cloud.router!,
    };
}

export const announcingNeeds = { packages: ["bird2"], programs: ["balancer/announce"] };

export const PASSWORD_VALUE = "bgp-password";

/** As bird.conf has it. */
export const passwordLine = (password: string) => `password "${password}";\n`;

/** As BIRD calls it. */
export const SESSION = "cloud";

/** What `announce` goes by for a pair. */
export const announceConf = (name: string) => `/etc/evenkeel/balancers/${name}/announce.conf`;

/** A call of it; keepalived makes the first two when the address comes or goes. */
export const announce = (
    what: "update" | "leave" | "held" | "holder" | "session" | "elsewhere",
    name: string,
) => `/usr/local/lib/evenkeel/announce ${what} ${announceConf(name)}`;

/** For `watch`, which counts a router that does not listen as no way in. */
export const BGP_WATCHED = `BGP=${SESSION}\n`;
