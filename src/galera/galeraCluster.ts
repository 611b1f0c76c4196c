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
import { addArbitrator } from "./arbitrator.ts";
import type { GaleraClusterArgs } from "./args.ts";
import { GALERA_PORTS, galeraPackages, galeraPrograms, galeraSteps, membershipSteps } from "./role.ts";
import { DEFAULT_MEMBERS, galeraArguments } from "./validate.ts";

/** MariaDB on several hosts that hold the same rows at every moment; any of them can die. */
export class GaleraCluster extends pulumi.ComponentResource {
    /** The members; whoever uses them waits until they are Synced. */
    readonly hosts: Host[];
    /** What a `Database` needs to lead clients to the cluster. */
    readonly endpoint: DatabaseEndpoint;

    constructor(name: string, args: GaleraClusterArgs, opts?: pulumi.ComponentResourceOptions) {
        refuseWrong("GaleraCluster", name, args, galeraArguments(name));
        const { arbitrator, ...recordable } = args;
        const size = { ...args, hostCount: args.hostCount ?? DEFAULT_MEMBERS };
        claim("GaleraCluster", name, hostNames(name, size), [{ propertyPath: "hosts", thing: "MariaDB" }]);
        if (args.deletionProtection !== false)
            refuseUnprotected("GaleraCluster", name, hostNames(name, size));
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
                        membershipSteps({
                            host: host.name,
                            cluster: name,
                            members,
                            arbitrator: arbitrator?.name,
                            founders: urn,
                            allowMajority: args.recoverWithMajority ?? false,
                            maxReceiveQueue,
                        }),
                    ),
                    hosts: voters,
                    values: memberValues({ ca: authority.cert, cert, key, founder: founders.includes(host) }),
                },
                { ...child, dependsOn: ready },
            );
        });
        this.hosts = rollMembers({ component: name, args, opts: child }, hosts, (host, dependsOn) =>
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
        );
        if (arbitrator)
            addArbitrator(name, arbitrator, { members: this.hosts, authority, suspectTimeout }, child);
        this.endpoint = {
            kind: DatabaseKind.galera,
            name,
            members: endpointMembers(this.hosts),
            port: GALERA_PORTS.sql,
            gatePort: GATE_PORT,
            healthPort: GALERA_PORTS.health,
            ca: authority.cert,
            maxConnections: maxConnections(settings),
        };
        this.registerOutputs({ hosts: this.hosts, endpoint: this.endpoint });
    }
}
