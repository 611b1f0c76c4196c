import * as pulumi from "@pulumi/pulumi";
import { applyRole } from "../hosts/applyRole.ts";
import { Authority } from "../hosts/certificates.ts";
import type { Host } from "../hosts/host.ts";
import {
    type HostsArgs,
    hostNames,
    hostsProblems,
    protectedBy,
    readyHosts,
    recorded,
    rollOut,
} from "../hosts/hosts.ts";
import { claim } from "../hosts/inventory.ts";
import { childName } from "../hosts/roleText.ts";
import { refuse, when } from "../hosts/validation.ts";
import { type DatabaseEndpoint, DatabaseKind, memberAliases } from "../member/endpoint.ts";
import { MEMBER_FIXED, settingProblems } from "../member/mariadb.ts";
import {
    REPLICATED_PORTS,
    replicatedMembershipSteps,
    replicatedPackages,
    replicatedPrograms,
    replicatedSteps,
    VOTERS,
} from "./role.ts";

export interface ReplicatedMySQLArgs extends HostsArgs {
    /**
     * One primary and its replicas, 3 or more. The first three elect the primary, and every acknowledged write is on two
     * of them; further ones only serve reads.
     * @default 3
     */
    hostCount?: number;
    /**
     * Seconds of silence after which the primary is taken for dead, 0.5 to 60. One whose own host says that MariaDB has
     * ended is replaced at once.
     * @default 2
     */
    suspectTimeout?: number;
    /** Seconds of lag from which on a replica gets no more reads; it does again when it lags half as much. @default 5 */
    maxLag?: number;
    /** Seconds from which on a statement is written into /var/log/mysql/slow.log. @default 1 */
    slowQuerySeconds?: number;
    /** Settings of MariaDB by the names of its manual; they go over the computed ones. */
    settings?: Record<string, string | number | boolean>;
    /** Whether Pulumi refuses to delete the cluster: its rows would go with its hosts. @default true */
    deletionProtection?: boolean;
}

/** MariaDB with one primary and its replicas; when the primary dies, the replica that has every acknowledged write takes over. */
export class ReplicatedMySQL extends pulumi.ComponentResource {
    /** The members; whoever uses them waits until they run. */
    readonly hosts: Host[];
    /** What a `Database` needs to lead clients to the cluster. */
    readonly endpoint: DatabaseEndpoint;

    constructor(name: string, args: ReplicatedMySQLArgs, opts?: pulumi.ComponentResourceOptions) {
        validate(name, args);
        const size = { ...args, hostCount: args.hostCount ?? VOTERS };
        claim("ReplicatedMySQL", name, hostNames(name, size), [{ propertyPath: "hosts", thing: "MariaDB" }]);
        super("evenkeel:index:ReplicatedMySQL", name, recorded(args), opts);
        const { suspectTimeout = 2, maxLag = 5, slowQuerySeconds = 1, settings = {} } = args;
        const { deletionProtection = true } = args;
        const child = { parent: this };
        const needs = {
            packages: replicatedPackages,
            programs: replicatedPrograms,
            protectedHosts: deletionProtection ? VOTERS : 0,
        };
        const hosts = readyHosts(name, size, needs, child);
        const authority = new Authority(name, child, deletionProtection ? protectedBy(child) : child);
        const aliases = Object.values(memberAliases(name));

        const everyHost = hosts.map(({ host }) => host);
        const members = everyHost.map((host) => host.name);
        const memberships = hosts.map(({ host, ready }, i) => {
            const { cert, key } = authority.certificate(
                childName(name, host.name, "member"),
                host.name,
                aliases,
            );
            return applyRole(
                host,
                {
                    component: name,
                    kind: "member",
                    steps: replicatedMembershipSteps({
                        host: host.name,
                        cluster: name,
                        serverId: i + 1,
                        members,
                        suspectTimeout,
                        maxLag,
                    }),
                    hosts: everyHost,
                    values: { ca: authority.cert, cert, key },
                },
                { ...child, dependsOn: ready },
            );
        });
        // A new cluster's first primary is the first host: its turn comes last, and moves the writes once.
        this.hosts = rollOut(hosts.toReversed(), (host, dependsOn) => {
            const i = members.indexOf(host.name);
            return applyRole(
                host,
                {
                    component: name,
                    kind: "replicated",
                    steps: replicatedSteps({
                        host: host.name,
                        serverId: i + 1,
                        voter: i < VOTERS,
                        slowQuerySeconds,
                        settings,
                    }),
                    hosts: [host],
                },
                { ...child, dependsOn: [...dependsOn, ...memberships] },
            );
        }).toReversed();
        this.endpoint = {
            kind: DatabaseKind.replicated,
            name,
            members: this.hosts.map((host) => ({ name: host.name, privateAddress: host.privateAddress })),
            port: REPLICATED_PORTS.sql,
            healthPort: REPLICATED_PORTS.health,
            ca: authority.cert,
        };
        this.registerOutputs({ hosts: this.hosts, endpoint: this.endpoint });
    }
}

function validate(name: string, args: ReplicatedMySQLArgs): void {
    const { hosts, suspectTimeout = 2, maxLag = 5, slowQuerySeconds = 1 } = args;
    const size = hosts?.length ?? args.hostCount ?? VOTERS;
    refuse("ReplicatedMySQL", name, [
        ...hostsProblems(name, args),
        ...when(
            Number.isInteger(size) && size > 0 && size < VOTERS,
            hosts ? "hosts" : "hostCount",
            `of ${size} members, who is left cannot tell a dead primary from a parted network: use ${VOTERS} or more`,
        ),
        ...when(
            !(suspectTimeout >= 0.5 && suspectTimeout <= 60),
            "suspectTimeout",
            `${suspectTimeout} is not a number of seconds from 0.5 to 60`,
        ),
        // The primary writes its heartbeat once a second.
        ...when(!(maxLag >= 2), "maxLag", `${maxLag} is not a number of seconds: give 2 or more`),
        ...when(
            !(slowQuerySeconds > 0),
            "slowQuerySeconds",
            `${slowQuerySeconds} is not a number of seconds`,
        ),
        ...settingProblems(FIXED, args.settings),
    ]);
}

/** What the cluster stands on: who it listens to, TLS, where its data lies, how rows travel and who may write them. */
const FIXED = {
    families: ["gtid", "rpl_semi_sync", "ssl"],
    names: [
        ...MEMBER_FIXED,
        ...["init_rpl_role", "log_bin", "log_slave_updates", "read_only", "relay_log", "relay_log_recovery"],
        ...["server_id", "skip_slave_start", "slave_net_timeout", "sync_binlog"],
    ],
};
