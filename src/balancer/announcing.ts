import { check, common, file, healthy, leave, reports, type Step, secret, state } from "../hosts/roleText.ts";
import { daemon } from "../hosts/units.ts";
import { announce, announceConf, type BgpSettings, PASSWORD_VALUE, SESSION } from "./bgp.ts";
import { probed } from "./frontends.ts";
import { asking, failoverConf } from "./reservedIp.ts";
import type { BalancerSettings } from "./settings.ts";

const BIRD = "/etc/bird/bird.conf";
const PASSWORD = "/etc/bird/evenkeel-password.conf";
/** Of /run nothing outlives a boot: a host that begins is nobody's master. */
const ROUTES = "/run/evenkeel-bgp";

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
        file({ path: announceConf(name), text: conf, template: true }),
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

export const isHeld = (name: string): Step => healthy("the reserved IP has a holder", announce("held", name));

/** For the status. */
export const tellAnnounced = (name: string): Step[] => [
    reports("address", announce("holder", name)),
    reports("router", announce("session", name)),
];

/** Asked while keepalived has stopped here. */
export const isAnnouncedElsewhere = (name: string) => announce("elsewhere", name);
