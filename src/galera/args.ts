import type { Host, HostsArgs } from "../hosts/host.ts";

export interface GaleraClusterArgs extends HostsArgs {
    /**
     * How many members: an odd number, so that a network that parts leaves one side with a majority; an even one with an
     * `arbitrator`. @default 3
     */
    hostCount?: number;
    /**
     * Allows one member alone, `hostCount: 1` or one host in `hosts`: MariaDB without a copy of its rows. They are gone with that
     * host but for what a `DatabaseBackup` holds, and nothing is written while it is away. Leave it out again with the second and third
     * host, which get the rows while the first one serves. @default false
     */
    singlePointOfFailure?: boolean;
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
     * are the cluster's own: members may talk over public addresses, and always by TLS. `max_connections`, 80 by default, has
     * to do for the workers of all clients (`WebPool.phpWorkers`): a `Database` that goes beyond it is refused.
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
