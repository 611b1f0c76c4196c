import type * as pulumi from "@pulumi/pulumi";
import type { Cloud, CloudRouter } from "../clouds/cloud.ts";
import { check, common, file, healthy, leave, reports, type Step, secret, state } from "../hosts/roleText.ts";
import { daemon } from "../hosts/units.ts";
import type { LoadBalancerPairArgs } from "./args.ts";
import { probed } from "./frontends.ts";
import { asking, failoverConf } from "./reservedIp.ts";
import type { BalancerSettings } from "./settings.ts";

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

const BIRD = "/etc/bird/bird.conf";
const PASSWORD = "/etc/bird/evenkeel-password.conf";
const SESSION = "cloud";
/** Of /run nothing outlives a boot: a host that begins is nobody's master. */
const ROUTES = "/run/evenkeel-bgp";

const programs = "/usr/local/lib/evenkeel";
const confOf = (name: string) => `/etc/evenkeel/balancers/${name}/announce.conf`;

/** What keepalived runs when the address comes or goes. */
export const announce = (what: "update" | "leave", name: string) =>
    `${programs}/announce ${what} ${confOf(name)}`;

/** For `watch`, which counts a router that does not listen as no way in. */
export const BGP_WATCHED = `BGP=${SESSION}\n`;

/** What listens to the cloud's router, and announces what `announce` says; before keepalived, which calls that. */
export function announcing(settings: BalancerSettings, bgp: BgpSettings): Step[] {
    const { name, host } = settings;
    const { port, scheme } = probed(settings);
    const conf = `PAIR=${name}
ADDRESS={{value address}}
PORT=${port}
SCHEME=${scheme}
SESSION=${SESSION}
NEIGHBOR=${bgp.router.neighbor}
ROUTES=${ROUTES}
${bgp.detaches ? `FAILOVER_CONF=${failoverConf(name)}\n` : ""}`;
    return [
        ...(bgp.detaches ? asking(settings, settings.cloud!) : []),
        file({ path: confOf(name), text: conf, template: true }),
        ...(bgp.hasPassword ? [common(secret(PASSWORD, PASSWORD_VALUE, "640", "root:bird"))] : []),
        common(file({ path: BIRD, text: birdConfig(host, bgp), template: true })),
        check(BIRD, `bird -p -c ${BIRD}`),
        daemon("bird", "reload"),
        // Another pair of this host may go on with BIRD.
        leave(announce("leave", name)),
        state(`${ROUTES}/${name}.conf`),
    ];
}

/** bird.conf for BIRD 2.0.12 (Debian 12); pairs of one host have the session in common. */
function birdConfig(host: string, { asn, hasPassword, router }: BgpSettings): string {
    return `log syslog all;
router id {{address ${host}}};

protocol device {
}

protocol bgp ${SESSION} {
    local as ${asn};
    neighbor ${router.neighbor} as ${router.asn};
    multihop ${router.hops};
${hasPassword ? `    include "${PASSWORD}";\n` : ""}    # What the router is told lasts three seconds, the least that there is; a master that goes tells it more, at once.
    hold time 3;
    keepalive time 1;
    # A daemon that is gone for a moment loses nobody.
    graceful restart on;
    graceful restart time 10;
    # Not minutes: the session is back as soon as the host is.
    connect delay time 1;
    connect retry time 1;
    error wait time 1, 2;
    ipv4 {
        import none;
        export where source = RTS_STATIC;
    };
}

# The addresses that keepalived has here, each with the moment in which it got it. A pattern, as the folder may not be there yet.
include "${pattern(ROUTES)}/*.conf";
`;
}

/** That folder alone, there or not. */
const pattern = (folder: string) => folder.replace(/.$/, "[$&]");

export const isHeld = (name: string): Step =>
    healthy("the reserved IP has a holder", `${programs}/announce held ${confOf(name)}`);

/** For the status. */
export const tellAnnounced = (name: string): Step[] => [
    reports("address", `${programs}/announce holder ${confOf(name)}`),
    reports("router", `${programs}/announce session ${confOf(name)}`),
];

/** Asked while keepalived has stopped here. */
export const isAnnouncedElsewhere = (name: string) => `${programs}/announce elsewhere ${confOf(name)}`;
