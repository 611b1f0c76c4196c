import * as pulumi from "@pulumi/pulumi";
import { applyRole } from "../hosts/applyRole.ts";
import { refuseWrong } from "../hosts/arguments.ts";
import { Authority } from "../hosts/certificates.ts";
import type { Host } from "../hosts/host.ts";
import { hostNames, protectedBy, readyHosts, recorded } from "../hosts/hosts.ts";
import { claim, refuseUnprotected } from "../hosts/inventory.ts";
import { childName } from "../hosts/roleText.ts";
import { memberValues } from "../member/config.ts";
import { type DatabaseEndpoint, DatabaseKind, endpointMembers, memberAliases } from "../member/endpoint.ts";
import { foundersOf } from "../member/founders.ts";
import { GATE_PORT } from "../member/gate.ts";
import { maxConnections } from "../member/mariadb.ts";
import { rollMembers } from "../member/rollMembers.ts";
import type { ReplicatedMySQLArgs } from "./args.ts";
import {
    REPLICATED_PORTS,
    replicatedMembershipSteps,
    replicatedPackages,
    replicatedPrograms,
    replicatedSteps,
    VOTERS,
} from "./role.ts";
import { serverId } from "./serverId.ts";
import { replicatedArguments } from "./validate.ts";

/** MariaDB with one primary and its replicas; when the primary dies, the replica that has every acknowledged write takes over. */
export class ReplicatedMySQL extends pulumi.ComponentResource {
    /** The members; whoever uses them waits until they run. */
    readonly hosts: Host[];
    /** What a `Database` needs to lead clients to the cluster. */
    readonly endpoint: DatabaseEndpoint;

    constructor(name: string, args: ReplicatedMySQLArgs, opts?: pulumi.ComponentResourceOptions) {
        refuseWrong("ReplicatedMySQL", name, args, replicatedArguments(name));
        const size = { ...args, hostCount: args.hostCount ?? VOTERS };
        claim("ReplicatedMySQL", name, hostNames(name, size), [{ propertyPath: "hosts", thing: "MariaDB" }]);
        if (args.deletionProtection !== false)
            refuseUnprotected("ReplicatedMySQL", name, hostNames(name, size));
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
        const founders = foundersOf(name, everyHost, child);
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
                    steps: founders.urn.apply((urn) =>
                        replicatedMembershipSteps({
                            host: host.name,
                            cluster: name,
                            serverId: serverId(host.name),
                            members,
                            founders: urn,
                            suspectTimeout,
                            maxLag,
                        }),
                    ),
                    hosts: everyHost,
                    values: memberValues({ ca: authority.cert, cert, key, founder: founders.includes(host) }),
                },
                { ...child, dependsOn: ready },
            );
        });
        // A new cluster's first primary is the first host: its turn comes last, and moves the writes once.
        this.hosts = rollMembers({ component: name, args, opts: child }, hosts, (host, dependsOn) => {
            return applyRole(
                host,
                {
                    component: name,
                    kind: "replicated",
                    steps: replicatedSteps({
                        host: host.name,
                        serverId: serverId(host.name),
                        slowQuerySeconds,
                        settings,
                    }),
                    hosts: [host],
                },
                { ...child, dependsOn: [...dependsOn, ...memberships] },
            );
        });
        this.endpoint = {
            kind: DatabaseKind.replicated,
            name,
            members: endpointMembers(this.hosts),
            port: REPLICATED_PORTS.sql,
            gatePort: GATE_PORT,
            healthPort: REPLICATED_PORTS.health,
            ca: authority.cert,
            maxConnections: maxConnections(settings),
        };
        this.registerOutputs({ hosts: this.hosts, endpoint: this.endpoint });
    }
}
