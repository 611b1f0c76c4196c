import type * as pulumi from "@pulumi/pulumi";
import { applyRole } from "../hosts/applyRole.ts";
import type { Authority } from "../hosts/certificates.ts";
import type { Host } from "../hosts/host.ts";
import { prepareHost } from "../hosts/hosts.ts";
import { childName } from "../hosts/roleText.ts";
import { arbitratorPackages, arbitratorPrograms, arbitratorSteps } from "./arbitratorRole.ts";
import { GALERA_PORTS } from "./role.ts";

/** It joins a group that serves, so it waits for the members. */
export function addArbitrator(
    name: string,
    host: Host,
    group: { members: Host[]; authority: Authority; suspectTimeout: number },
    opts: pulumi.CustomResourceOptions,
): void {
    const { members, authority, suspectTimeout } = group;
    const needs = { packages: arbitratorPackages, programs: arbitratorPrograms };
    const { ready } = prepareHost(name, host, needs, opts);
    const { cert, key } = authority.certificate(childName(name, host.name, "arbitrator"), host.name);
    const steps = arbitratorSteps({
        host: host.name,
        cluster: name,
        members: members.map((member) => member.name),
        port: GALERA_PORTS.replication,
        suspectTimeout,
    });
    applyRole(
        host,
        {
            component: name,
            kind: "arbitrator",
            steps,
            hosts: [host, ...members],
            values: { ca: authority.cert, cert, key },
        },
        { ...opts, dependsOn: ready },
    );
}
