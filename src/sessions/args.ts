import type { HostsArgs } from "../hosts/host.ts";
import type { WebPool } from "../web/webPool.ts";

export interface SessionStoreArgs extends HostsArgs {
    /**
     * How many stores: two go on when one dies, and each page writes to all of them. At most 5. @default 2
     */
    hostCount?: number;
    /** Web pools with PHP, whose sessions are kept here from then on; nobody else is let in. */
    pools: PhpPool[];
    /** Megabytes for sessions, on each host; one of 1 kB takes about 1.5 kB. When they are full, pages that write a session fail. @default 64 */
    memory?: number;
    /** TCP port on the private address, by TLS alone. @default 6380 */
    port?: number;
    /** Allows one store alone, `hostCount: 1` or one host in `hosts`: pages with a session fail while it is away. @default false */
    singlePointOfFailure?: boolean;
}

/** A `WebPool`, as far as it concerns its sessions. */
export type PhpPool = Pick<WebPool, "hosts" | "phpPool" | "user">;
