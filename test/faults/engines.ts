import type { Failover } from "../../src/index.ts";

/** What decides which balancer has the address, as tests go about it. */
export interface Engine {
    name: Failover;
    /** The unit with which it stops in good order. */
    unit: string;
    /** The process by which others see that the host lives. */
    program: string;
    /** Of UDP, by which its hosts hear each other. */
    port: number;
    /** Has it read its configuration again. */
    reload: string;
}

export const KEEPALIVED: Engine = {
    name: "keepalived",
    unit: "keepalived",
    program: "keepalived",
    port: 4789,
    reload: "systemctl reload keepalived",
};
export const PACEMAKER: Engine = {
    name: "pacemaker",
    unit: "corosync",
    program: "corosync",
    port: 5405,
    reload: "systemctl reload corosync evenkeel-cluster@lb",
};
