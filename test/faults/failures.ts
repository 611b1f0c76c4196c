import { findHost } from "../../local/commands/hosts.ts";
import { containerName, killContainer } from "../../local/machines/container.ts";
import { podman } from "../../local/machines/podman.ts";
import type { Cut } from "../../local/network/cuts.ts";
import type { Flagship } from "../support/flagship.ts";
import { type Engine, KEEPALIVED } from "./engines.ts";
import { cutOff, power, pullPlug } from "./hosts.ts";
import { inMs, type Pair } from "./pair.ts";

/** Something that fails while the site is being fetched. */
export interface Failure {
    name: string;
    /** How it is made. */
    how: string;
    /** Whether the address has to move to the standby balancer. */
    moves: boolean;
    /** Whether it may come back: a preferred host that was only away still thinks it is master, and is right. */
    returns?: true;
    /** Made by `npm test` too; all the others by `npm run test:all`. */
    sampled?: true;
    /** How long it lasts at least. */
    lastsMs?: number;
    make(site: Flagship, pair: Pair): Promise<unknown>;
    /** Gives back what the failure took; what heals by itself has none. */
    heal?(site: Flagship, pair: Pair): Promise<unknown>;
}

export const RESERVED_IPS = "/v2/reserved_ips";
const API_FAILS_MS = 10_000;
export const MOVE_TAKES_MS = 5000;
const CUT_MS = 6000;

const powerOn = (site: Flagship, { active }: Pair) => power(site, active, "on");

const signal =
    (name: string, program: string) =>
    (site: Flagship, { active }: Pair) =>
        site.on(active, `pkill --signal=${name} --exact ${program}`);

const cut =
    (way: Cut | undefined) =>
    (site: Flagship, { active }: Pair) =>
        cutOff(site, active, way);

/** For the whole host at once. */
const engine =
    (command: string) =>
    ({ cloud }: Flagship, { active }: Pair) =>
        podman(command, containerName(cloud.name, findHost(cloud, active).id));

export const fault = (site: Flagship, body: object) => site.api("POST", "/_local/faults", body);

/** @param path of the calls that the API answers with 500 */
export const dieWhileApiFails =
    (path: string) =>
    async (site: Flagship, { active }: Pair) => {
        await fault(site, { error: { status: 500, path }, until: inMs(API_FAILS_MS) });
        await pullPlug(site, active);
    };

/** Those of a pair, whatever decides who has the address. */
export const failuresOf = (of: Engine): Failure[] => [
    {
        name: "active balancer powered off",
        sampled: true,
        how: "`power_off` through the cloud's API",
        moves: true,
        make: (site, { active }) => power(site, active, "off"),
        heal: powerOn,
    },
    {
        name: "active balancer killed",
        how: "SIGKILL to every process of the host at once, its cables left in",
        moves: true,
        make: ({ cloud }, { active }) => killContainer(cloud.name, findHost(cloud, active).id),
        heal: powerOn,
    },
    {
        name: "active balancer frozen",
        how: "every process of the host stopped at once, thawed after the takeover",
        moves: true,
        returns: true,
        make: engine("pause"),
        heal: engine("unpause"),
    },
    {
        name: "active balancer rebooted",
        how: "`systemctl reboot` on the host",
        moves: true,
        make: (site, { active }) => site.on(active, "systemctl reboot"),
    },
    {
        name: "HAProxy frozen",
        how: "SIGSTOP to HAProxy on the active balancer",
        moves: true,
        make: signal("STOP", "haproxy"),
        heal: signal("CONT", "haproxy"),
    },
    {
        name: "HAProxy killed",
        sampled: true,
        how: "SIGKILL to HAProxy on the active balancer; systemd starts it again",
        moves: false,
        make: signal("KILL", "haproxy"),
    },
    {
        name: `${of.program} killed`,
        sampled: true,
        how: `SIGKILL to ${of.program} on the active balancer; systemd starts it again`,
        // Corosync is back before Pacemaker has given its host up.
        moves: of === KEEPALIVED,
        make: signal("KILL", of.program),
    },
    {
        name: `${of.unit} stopped`,
        how: `\`systemctl stop ${of.unit}\` on the active balancer`,
        moves: true,
        make: (site, { active }) => site.on(active, `systemctl stop ${of.unit}`),
        heal: (site, { active }) => site.on(active, `systemctl start ${of.unit}`),
    },
    {
        name: "active balancer cut off",
        sampled: true,
        how: "its packets dropped both ways, for 6 s",
        moves: false,
        lastsMs: CUT_MS,
        make: cut("both"),
        heal: cut(undefined),
    },
    {
        name: "active balancer not heard",
        how: "the packets that it sends dropped, for 6 s",
        moves: false,
        lastsMs: CUT_MS,
        make: cut("out"),
        heal: cut(undefined),
    },
    {
        name: "balancers deaf to each other",
        how: `${of === KEEPALIVED ? "VRRP" : "Corosync"} dropped on both, for 6 s; clients and the API reach both`,
        moves: false,
        lastsMs: CUT_MS,
        make: (site, pair) => eachOf(pair, (host) => site.on(host, deaf(of))),
        heal: (site, pair) => eachOf(pair, (host) => site.on(host, "nft delete table ip deaf")),
    },
    {
        name: "active balancer reaches no web host",
        sampled: true,
        how: "what it sends to the web hosts dropped; the other balancer reaches them",
        moves: true,
        make: (site, { active }) => site.on(active, BLIND),
        heal: (site, { active }) => site.on(active, SEEING),
    },
    {
        name: "active balancer's gateway gone",
        how: "what it sends to its default gateway goes nowhere; its private network stays",
        moves: true,
        make: (site, { active }) =>
            site.on(
                active,
                `${GATEWAY}; ip neigh replace $gateway lladdr 02:00:00:00:00:99 nud permanent dev $dev`,
            ),
        heal: (site, { active }) => site.on(active, `${GATEWAY}; ip neigh del $gateway dev $dev`),
    },
    {
        name: "API fails, and the active balancer dies",
        sampled: true,
        how: `plug pulled; the API answers 500 about reserved IPs for ${API_FAILS_MS / 1000} s`,
        moves: true,
        lastsMs: API_FAILS_MS,
        make: dieWhileApiFails(RESERVED_IPS),
        heal: powerOn,
    },
    {
        name: "API takes its time, and the active balancer dies",
        how: `plug pulled; a move takes ${MOVE_TAKES_MS / 1000} s from when it is asked for, as at a real cloud`,
        moves: true,
        lastsMs: MOVE_TAKES_MS,
        async make(site, { active }) {
            await fault(site, { actionMs: MOVE_TAKES_MS, until: inMs(MOVE_TAKES_MS - 1000) });
            await pullPlug(site, active);
        },
        heal: powerOn,
    },
    {
        name: "API is busy, and the active balancer dies",
        how: `plug pulled; every droplet has a pending event for ${API_FAILS_MS / 1000} s, so moves are refused with 422`,
        moves: true,
        lastsMs: API_FAILS_MS,
        async make(site, { active }) {
            await fault(site, { pendingEvents: API_FAILS_MS / 1000 });
            await pullPlug(site, active);
        },
        heal: powerOn,
    },
    {
        name: "web host powered off",
        sampled: true,
        how: "`power_off` of one of two through the cloud's API",
        moves: false,
        lastsMs: 3000,
        make: (site) => power(site, "web-1", "off"),
        heal: (site) => power(site, "web-1", "on"),
    },
];

export const failures = failuresOf(KEEPALIVED);

const GATEWAY = "read -r _ _ gateway _ dev _ < <(ip -4 -oneline route show default)";

/** A balancer that reaches no web host, and one that does again. */
export const BLIND =
    "nft 'add table ip blind; add chain ip blind output { type filter hook output priority -10; }; add rule ip blind output oifname eth1 tcp dport 80 drop'";
export const SEEING = "nft delete table ip blind";

/** A balancer that does not hear the others. */
export const deaf = ({ port }: Engine) =>
    `nft 'add table ip deaf; add chain ip deaf input { type filter hook input priority -10; }; add rule ip deaf input udp dport ${port} drop'`;

export async function eachOf(
    { active, standby }: Pair,
    work: (host: string) => Promise<unknown>,
): Promise<void> {
    await Promise.all([work(active), work(standby)]);
}
