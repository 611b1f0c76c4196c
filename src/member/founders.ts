import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { Host } from "../hosts/host.ts";

/** Which hosts a cluster began with; kept in the stack's state, whatever hosts come later. */
export interface Founders {
    /** What a member's configuration says of it: the resource, whose removal from the state lets the cluster begin anew. */
    urn: pulumi.Output<string>;
    /** "true" when the cluster began with this host. */
    includes(host: Host): pulumi.Output<string>;
}

/**
 * A host that was made anew under the same name is another one: only by its identity it shows that the cluster's rows have
 * gone with the hosts that it began with, and that it must not begin empty.
 */
export function foundersOf(cluster: string, hosts: Host[], opts: pulumi.CustomResourceOptions): Founders {
    const keepers = Object.fromEntries(hosts.map((host) => [host.name, identity(host)]));
    const founders = new random.RandomString(
        `${cluster}-founders`,
        { length: 16, special: false, keepers },
        pulumi.mergeOptions(opts, { ignoreChanges: ["keepers"] }),
    );
    return {
        urn: founders.urn,
        includes: (host) =>
            pulumi
                .all([founders.keepers, identity(host)])
                .apply(([kept, own]) => String(Object.values(kept ?? {}).includes(own))),
    };
}

/** The cloud's id of it; of a host that is no cloud's, its public key. */
function identity(host: Host): pulumi.Output<string> {
    if (host.id !== undefined) return pulumi.output(host.id);
    const { hostKey } = pulumi.output(host.connection);
    // It stands beside the private key by which the host is reached.
    return pulumi.unsecret(hostKey);
}
