import { onHost } from "../hosts/programs.ts";
import {
    check,
    claims,
    drain,
    file,
    firewall,
    healthy,
    leave,
    reports,
    resume,
    type Step,
    secret,
    service,
} from "../hosts/roleText.ts";
import { daemon, dropIn } from "../hosts/units.ts";
import { addressesOf, FOUNDER, memberJson } from "../member/config.ts";
import { memberDaemon, membersMariadb } from "../member/daemon.ts";
import { gatePackages, gateSteps } from "../member/gate.ts";
import { MARIADB_TLS, type MariadbSettings } from "../member/mariadb.ts";
import { memberPrograms } from "../member/programs.ts";
import { galeraConfig, galeraMembers } from "./mariadb.ts";

const PROGRAM = "/usr/local/lib/evenkeel/galera-member";

/** TCP ports among members: clients, replication, incremental and full state transfer, health. */
export const GALERA_PORTS = { sql: 3306, replication: 4567, incremental: 4568, transfer: 4444, health: 9200 };

/** Programs that a member needs. */
export const galeraPrograms = [
    "member/database-grants",
    "galera/galera-member",
    "galera/galera_daemon.py",
    "galera/galera_decision.py",
    "galera/galera_members.py",
    "galera/galera_retire.py",
    "galera/galera_seed.py",
    "galera/galera_state.py",
    "galera/galera_steps.py",
    "galera/galera_upgrade.py",
    "galera/galera_writer.py",
    ...memberPrograms,
];

export const galeraPackages = [
    "galera-4",
    "mariadb-backup",
    "mariadb-server",
    "python3-pymysql",
    "socat",
    ...gatePackages,
];

export interface MembershipSettings {
    host: string;
    cluster: string;
    /** All members, in whatever order. */
    members: string[];
    /** The resource that keeps which hosts the cluster began with. */
    founders: string;
    /** Name of the host that votes and stores nothing. */
    arbitrator: string | undefined;
    allowMajority: boolean;
    maxReceiveQueue: number;
}

/** Who is a member: set up on all hosts at once, before any starts, and without a restart of MariaDB. */
export function membershipSteps(settings: MembershipSettings): Step[] {
    const { host, cluster, founders, allowMajority, maxReceiveQueue } = settings;
    const members = settings.members.toSorted();
    const config = {
        name: host,
        address: `{{address ${host}}}`,
        cluster,
        members,
        addresses: addressesOf(members),
        founder: FOUNDER,
        founders,
        allowMajority,
        maxReceiveQueue,
        ...MARIADB_TLS,
    };
    return [
        claims(["MariaDB"]),
        firewall(openPorts({ ...settings, members })),
        file({ path: MARIADB_TLS.ca, text: "{{value ca}}", template: true }),
        file({ path: MARIADB_TLS.cert, text: "{{value cert}}", template: true }),
        secret(MARIADB_TLS.key, "key", "640", "root:mysql"),
        file({ path: "/etc/mysql/mariadb.conf.d/71-evenkeel-members.cnf", text: galeraMembers(members) }),
        file({
            path: "/etc/evenkeel/galera.json",
            text: memberJson(config),
            template: true,
        }),
        dropIn("mariadb", membersMariadb(onHost("galera/mariadb-galera.conf"))),
        ...["evenkeel-galera", "evenkeel-galera-leave", "evenkeel-galera-restart"].map((unit) =>
            file({
                path: `/etc/systemd/system/${unit}.service`,
                text: onHost(`galera/${unit}.service`),
            }),
        ),
        check("/etc/evenkeel/galera.json", `${PROGRAM} claim`),
        daemon("evenkeel-galera", "start", memberDaemon),
        healthy(
            "the member answers",
            `curl -fsS -m 2 -o /dev/null --cacert ${MARIADB_TLS.ca} https://${host}:${GALERA_PORTS.health}/state`,
        ),
        ...gateSteps(host),
        reports("member", `${PROGRAM} well`),
        reports("writes", `${PROGRAM} writer`),
        drain("data", `${PROGRAM} pause`),
        resume("data", `${PROGRAM} resume`),
        leave(`${PROGRAM} retire`),
    ];
}

function openPorts({ host, members, arbitrator }: MembershipSettings): string[] {
    const { replication, health } = GALERA_PORTS;
    const open = (from: string, ports: number[]) =>
        `ip saddr ${from} tcp dport { ${ports.join(", ")} } accept`;
    return [
        ...members
            .filter((member) => member !== host)
            .map((member) => open(member, Object.values(GALERA_PORTS))),
        ...(arbitrator === undefined ? [] : [open(arbitrator, [replication, health])]),
    ];
}

export interface GaleraRoleSettings {
    host: string;
    cluster: string;
    suspectTimeout: number;
    /** Of MariaDB's packages; without it they stay as they are. */
    version: string | undefined;
    settings: MariadbSettings;
}

/** Other upgrades of the host's packages leave them at that version. */
const pinned = (version: string) => `Package: src:mariadb
Pin: version *:${version}*
Pin-Priority: 990
`;

/** MariaDB's settings: rolled from member to member, each of which is Synced again before the next one's turn. */
export function galeraSteps(settings: GaleraRoleSettings): Step[] {
    const path = "/etc/mysql/mariadb.conf.d/70-evenkeel-galera.cnf";
    return [
        file({ path, text: galeraConfig(settings), template: true }),
        ...(settings.version === undefined
            ? []
            : [
                  file({ path: "/etc/evenkeel/galera.version", text: `${settings.version}\n` }),
                  file({ path: "/etc/apt/preferences.d/evenkeel-galera", text: pinned(settings.version) }),
              ]),
        check(path, "mariadbd --user=mysql --verbose --help"),
        service("evenkeel-galera-restart", "restart"),
        // Before anything of it goes.
        leave(`${PROGRAM} retire`),
    ];
}
