import type { Step } from "../hosts/roleText.ts";
import type { BalancerSettings } from "./settings.ts";

/** What decides which balancer has the address, and gives it to that one. Pairs that share a host may differ in it. */
export interface FailoverEngine {
    packages: string[];
    /** Programs of the library. */
    programs: string[];
    /** The unit that planned work stops, so that the address goes to another host, and starts again. */
    unit: string;
    /** What a host has one of, whatever it is for. */
    claims: string[];
    /** Rules for the firewall by which its hosts hear each other. */
    rules(settings: BalancerSettings): string[];
    /** Its daemons, and what they go by; HAProxy is there before. */
    steps(settings: BalancerSettings): Step[];
    /** Further lines of failover.conf. */
    failoverLines(settings: BalancerSettings): string;
    /** What has to succeed after planned work until a host may take over again. */
    readyAgain(settings: BalancerSettings): string;
}
