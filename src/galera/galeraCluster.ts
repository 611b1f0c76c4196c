import * as pulumi from "@pulumi/pulumi";
import { applyRole } from "../hosts/applyRole.ts";
import { Authority } from "../hosts/certificates.ts";
import type { Host } from "../hosts/host.ts";
import {
    givenHostProblems,
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
import { addArbitrator } from "./arbitrator.ts";
import { GALERA_PORTS, galeraPackages, galeraPrograms, galeraSteps, membershipSteps } from "./role.ts";

export interface GaleraClusterArgs extends HostsArgs {
    /**
     * How many members: an odd number, so that a network that parts leaves one side with a majority; an even one with an
     * `arbitrator`. @default 3
     */
    hostCount?: number;
    /**
     * A host that is no member and votes with them, such as a web host: it breaks the tie of an even number, and stores
     * nothing. It needs the package galera-arbitrator-4 alone, and can be the arbitrator of one cluster.
     */
    arbitrator?: Host;
    /**
     * Seconds of silence after which a member is taken for dead, 0.5 to 30. All writes stall for that time when any
     * member dies. @default 1.5: writes are back 2.6 s after a crash; Galera's own 5 makes it 6.3 s (measured).
     */
    suspectTimeout?: number;
    /**
     * Settings of MariaDB by the names of its manual; they go over the computed ones. TLS, addresses and how rows travel
     * are the cluster's own: members may talk over public addresses, and always by TLS.
     */
    settings?: Record<string, string | number | boolean>;
    /**
     * Version of Debian's MariaDB packages that the members should have, such as "10.11.19" or "10.11.19-0+deb12u1". A new
     * one is rolled out like a setting: packages are upgraded on one member at a time, the writer last.
     * @default what there was when each member was made; nothing upgrades MariaDB by itself
     */
    version?: string;
    /**
     * Whether, after an outage of all members, a majority may begin without the rest, whose newest rows are then lost.
     * @default false: they wait until every member answers
     */
    recoverWithMajority?: boolean;
    /**
     * Whether Pulumi refuses to delete the cluster: its rows would go with its hosts. Of a larger one, three members are kept.
     * @default true
     */
    deletionProtection?: boolean;
    /** Writes waiting to be applied from which on a member gets no more reads. @default 500 */
    maxReceiveQueue?: number;
}

/** MariaDB on several hosts that hold the same rows at every moment; any of them can die. */
export class GaleraCluster extends pulumi.ComponentResource {
    /** The members; whoever uses them waits until they are Synced. */
    readonly hosts: Host[];
    /** What a `Database` needs to lead clients to the cluster. */
    readonly endpoint: DatabaseEndpoint;

    constructor(name: string, args: GaleraClusterArgs, opts?: pulumi.ComponentResourceOptions) {
        validate(name, args);
        const { arbitrator, ...recordable } = args;
        const size = { ...args, hostCount: args.hostCount ?? DEFAULT_MEMBERS };
        claim("GaleraCluster", name, hostNames(name, size), [{ propertyPath: "hosts", thing: "MariaDB" }]);
        if (arbitrator)
            claim("GaleraCluster", name, [arbitrator.name], [{ propertyPath: "arbitrator", thing: "garbd" }]);
        super("evenkeel:index:GaleraCluster", name, recorded(recordable), opts);
        const {
            suspectTimeout = 1.5,
            settings = {},
            maxReceiveQueue = 500,
            deletionProtection = true,
        } = args;
        const child = { parent: this };
        // Members beyond the default number may go again: the rows stay with the others.
        const protectedHosts = deletionProtection ? DEFAULT_MEMBERS : 0;
        const needs = { packages: galeraPackages, programs: galeraPrograms, protectedHosts };
        const hosts = readyHosts(name, size, needs, child);
        const authority = new Authority(name, child, deletionProtection ? protectedBy(child) : child);
        const aliases = Object.values(memberAliases(name));

        const everyHost = hosts.map(({ host }) => host);
        const voters = arbitrator ? [...everyHost, arbitrator] : everyHost;
        const members = everyHost.map((host) => host.name);
        const memberships = hosts.map(({ host, ready }) => {
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
                    steps: membershipSteps({
                        host: host.name,
                        cluster: name,
                        members,
                        arbitrator: arbitrator?.name,
                        allowMajority: args.recoverWithMajority ?? false,
                        maxReceiveQueue,
                    }),
                    hosts: voters,
                    values: { ca: authority.cert, cert, key },
                },
                { ...child, dependsOn: ready },
            );
        });
        // The preferred writer comes last: its turn moves the writes, once.
        this.hosts = rollOut(hosts.toReversed(), (host, dependsOn) =>
            applyRole(
                host,
                {
                    component: name,
                    kind: "galera",
                    steps: galeraSteps({
                        host: host.name,
                        cluster: name,
                        suspectTimeout,
                        version: args.version,
                        settings,
                    }),
                    hosts: [host],
                },
                { ...child, dependsOn: [...dependsOn, ...memberships] },
            ),
        ).toReversed();
        if (arbitrator)
            addArbitrator(name, arbitrator, { members: this.hosts, authority, suspectTimeout }, child);
        this.endpoint = {
            kind: DatabaseKind.galera,
            name,
            members: this.hosts.map((host) => ({ name: host.name, privateAddress: host.privateAddress })),
            port: GALERA_PORTS.sql,
            healthPort: GALERA_PORTS.health,
            ca: authority.cert,
        };
        this.registerOutputs({ hosts: this.hosts, endpoint: this.endpoint });
    }
}

const DEFAULT_MEMBERS = 3;

function validate(name: string, args: GaleraClusterArgs): void {
    const { hosts, arbitrator, suspectTimeout, maxReceiveQueue, version } = args;
    const size = hosts?.length ?? args.hostCount ?? DEFAULT_MEMBERS;
    const isEven = Number.isInteger(size) && size > 0 && size % 2 === 0;
    refuse("GaleraCluster", name, [
        ...hostsProblems(name, args),
        ...when(
            isEven && !arbitrator,
            hosts ? "hosts" : "hostCount",
            `of ${size} members, the half that a parted network leaves has no majority: use an odd number, or give an \`arbitrator\``,
        ),
        ...when(
            !isEven && !!arbitrator,
            "arbitrator",
            `with ${size} members it would make the number of votes even: leave it out, or use an even number of members`,
        ),
        ...(arbitrator ? givenHostProblems("arbitrator", arbitrator) : []),
        ...when(
            !!arbitrator && !!hosts?.some((host) => host === arbitrator || isSameName(host, arbitrator)),
            "arbitrator",
            "is a member itself: its vote would go with the member",
        ),
        ...when(
            suspectTimeout !== undefined && !(suspectTimeout >= 0.5 && suspectTimeout <= 30),
            "suspectTimeout",
            `${suspectTimeout} is not a number of seconds from 0.5 to 30`,
        ),
        ...when(
            version !== undefined && !/^10\.11\.\d+(-[\w.+~]+)?$/.test(version),
            "version",
            `"${version}" is not of MariaDB 10.11, Debian 12's: write it as 10.11.19, or with Debian's part as 10.11.19-0+deb12u1`,
        ),
        ...when(
            maxReceiveQueue !== undefined && !(Number.isInteger(maxReceiveQueue) && maxReceiveQueue > 0),
            "maxReceiveQueue",
            `${maxReceiveQueue} is not a number of writes: give 1 or more`,
        ),
        ...settingProblems(FIXED, args.settings),
    ]);
}

const isSameName = (one: Host, other: Host) => typeof one.name === "string" && one.name === other.name;

/** What the cluster stands on: who it listens to, TLS, where its data lies, how rows travel. */
const FIXED = {
    families: ["wsrep", "ssl"],
    names: [...MEMBER_FIXED, "innodb_autoinc_lock_mode"],
};
