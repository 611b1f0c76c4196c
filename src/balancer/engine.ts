import type { Step } from "../hosts/roleText.ts";
import type { Problem } from "../hosts/validation.ts";
import type { LoadBalancerPairArgs } from "./args.ts";
import type { BalancerSettings } from "./settings.ts";

/** What serves a pair's visitors; keepalived and what moves the address are the same with each. */
export interface BalancerEngine {
    packages(args: LoadBalancerPairArgs): string[];
    /** Programs of the library. */
    programs: string[];
    /** What is wrong with arguments for this engine alone. */
    problems(args: LoadBalancerPairArgs): Problem[];
    /** Its part of the role. */
    steps(settings: BalancerSettings): Step[];
    /** What keepalived asks whether it works; nothing where all pairs of a host have one answer. */
    script?(settings: BalancerSettings): TrackedScript;
    /** Where it answers `/ready` with 200 while every listener of the pair has a backend that works. */
    readySocket(pair: string): string;
    /** Where it tells what it is doing. */
    statsSocket(pair: string): string;
    /** How planned work knows that a visitor is being served. */
    atWork?(settings: BalancerSettings): Step[];
}

/** A script of keepalived's, of one pair alone. */
export interface TrackedScript {
    name: string;
    /** Arguments of `check-haproxy`. */
    asks: string;
}
