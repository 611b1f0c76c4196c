import * as pulumi from "@pulumi/pulumi";
import { applyRole } from "../hosts/applyRole.ts";
import type { Authority } from "../hosts/certificates.ts";
import type { Host } from "../hosts/host.ts";
import { readyHosts } from "../hosts/hosts.ts";
import {
    arbitratorPackages,
    arbitratorPrograms,
    arbitratorText,
    retireArbitrator,
} from "./arbitratorRole.ts";
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
    const [prepared] = readyHosts(`${name}-arbitrator`, { hosts: [host] }, needs, opts);
    const { cert, key } = authority.certificate(`${name}-arbitrator`, host.name);
    const text = pulumi.all([host.name, members.map((member) => member.name)]).apply(([self, names]) =>
        arbitratorText({
            host: self,
            cluster: name,
            members: names,
            port: GALERA_PORTS.replication,
            suspectTimeout,
        }),
    );
    const input = {
        hosts: [host, ...members],
        values: { ca: authority.cert, cert, key },
        retire: retireArbitrator,
    };
    applyRole(`${name}-arbitrator`, host, text, input, { ...opts, dependsOn: prepared!.ready });
}
