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
import { MARIADB_TLS } from "../member/mariadb.ts";
import { memberPrograms } from "../member/programs.ts";
import { type ReplicatedSettings, replicatedConfig } from "./mariadb.ts";

/** TCP ports of a member: clients and replication, health. */
export const REPLICATED_PORTS = { sql: 3306, health: 9200 };

const PROGRAM = "/usr/local/lib/evenkeel/replicated-member";

/** So many members elect a primary, and one of them besides it holds every acknowledged write. */
export const VOTERS = 3;

/** Programs that a member needs. */
export const replicatedPrograms = [
    "member/database-grants",
    "replicated/replicated-member",
    "replicated/replicated_change.py",
    "replicated/replicated_claim.py",
    "replicated/replicated_daemon.py",
    "replicated/replicated_decision.py",
    "replicated/replicated_election.py",
    "replicated/replicated_heartbeat.py",
    "replicated/replicated_history.py",
    "replicated/replicated_links.py",
    "replicated/replicated_member.py",
    "replicated/replicated_membership.py",
    "replicated/replicated_quorum.py",
    "replicated/replicated_replica.py",
    "replicated/replicated_restart.py",
    "replicated/replicated_retire.py",
    "replicated/replicated_seed.py",
    "replicated/replicated_settle.py",
    "replicated/replicated_state.py",
    "replicated/replicated_status.py",
    "replicated/replicated_steps.py",
    "replicated/replicated_view.py",
    "replicated/replicated_voters.py",
    ...memberPrograms,
];

export const replicatedPackages = ["mariadb-backup", "mariadb-server", "python3-pymysql", ...gatePackages];

export interface ReplicatedMembershipSettings {
    host: string;
    cluster: string;
    serverId: number;
    /** All members, in whatever order. */
    members: string[];
    /** The resource that keeps which hosts the cluster began with. */
    founders: string;
    /** Seconds of silence after which the primary is taken for dead. */
    suspectTimeout: number;
    /** Seconds of lag from which on a replica gets no more reads. */
    maxLag: number;
}

/** Who is a member: set up on all hosts at once, before any starts, and without a restart of MariaDB. */
export function replicatedMembershipSteps(settings: ReplicatedMembershipSettings): Step[] {
    const { host, cluster, serverId, founders, suspectTimeout, maxLag } = settings;
    const members = settings.members.toSorted();
    const config = {
        name: host,
        address: `{{address ${host}}}`,
        cluster,
        serverId,
        members,
        addresses: addressesOf(members),
        founder: FOUNDER,
        founders,
        suspectTimeout,
        maxLag,
        ...MARIADB_TLS,
    };
    const others = members.filter((member) => member !== host);
    const ports = Object.values(REPLICATED_PORTS).join(", ");
    return [
        claims(["MariaDB"]),
        firewall(others.map((member) => `ip saddr ${member} tcp dport { ${ports} } accept`)),
        file({ path: MARIADB_TLS.ca, text: "{{value ca}}", template: true }),
        file({ path: MARIADB_TLS.cert, text: "{{value cert}}", template: true }),
        secret(MARIADB_TLS.key, "key", "640", "root:mysql"),
        file({
            path: "/etc/evenkeel/replicated.json",
            text: memberJson(config),
            template: true,
        }),
        dropIn("mariadb", membersMariadb(onHost("replicated/mariadb-replicated.conf"))),
        ...["evenkeel-replicated.service", "evenkeel-replicated-restart.service"].map((unit) =>
            file({ path: `/etc/systemd/system/${unit}`, text: onHost(`replicated/${unit}`) }),
        ),
        check("/etc/evenkeel/replicated.json", `${PROGRAM} claim`),
        daemon("evenkeel-replicated", "start", memberDaemon),
        healthy(
            "the member answers",
            `curl -fsS -m 2 -o /dev/null --cacert ${MARIADB_TLS.ca} https://${host}:${REPLICATED_PORTS.health}/state`,
        ),
        ...gateSteps(host),
        reports("member", `${PROGRAM} well`),
        reports("writes", `${PROGRAM} writer`),
        healthy("the voters are members", `${PROGRAM} settle`),
        drain("data", `${PROGRAM} pause`),
        resume("data", `${PROGRAM} resume`),
        leave(`${PROGRAM} retire`),
    ];
}

/** MariaDB's settings: rolled from member to member, each of which follows or leads again before the next one's turn. */
export function replicatedSteps(settings: ReplicatedSettings): Step[] {
    const path = "/etc/mysql/mariadb.conf.d/70-evenkeel-replicated.cnf";
    return [
        file({ path, text: replicatedConfig(settings), template: true }),
        check(path, "mariadbd --user=mysql --verbose --help"),
        service("evenkeel-replicated-restart", "restart"),
        // Before anything of it goes.
        leave(`${PROGRAM} retire`),
    ];
}
