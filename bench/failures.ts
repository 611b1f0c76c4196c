import { namesEngine } from "../test/faults/change.ts";
import { type Engine, KEEPALIVED } from "../test/faults/engines.ts";
import { type Failure, failuresOf } from "../test/faults/failures.ts";
import { type Measured, measure } from "../test/faults/measure.ts";
import { failuresOfAnnouncing, failuresOnVultr } from "../test/faults/vultrFailures.ts";
import { deployFlagship, type Flagship, succeeded } from "../test/support/flagship.ts";
import { deployFlagshipOnVultr, type FlagshipOnVultr } from "../test/support/flagshipOnVultr.ts";
import { inRounds, machine, type Rounds, reportFailures, spread } from "./report.ts";

/** A pair whose failures are measured. */
interface Subject<Site extends Flagship> {
    /** What the bench is called. */
    command: string;
    /** Its part of docs/failures.md. */
    heading: string;
    /** What decides who has the address, and where. */
    what: string;
    /** Who says where the address is. */
    authority: string;
    deploy(name: string): Promise<Site>;
    failures(site: Site): Failure[];
}

/** `npm run bench -- failures` and `-- pacemaker`. */
export const pairOn = (engine: Engine): Subject<Flagship> => ({
    command: engine === KEEPALIVED ? "failures" : engine.name,
    heading: engine === KEEPALIVED ? "LoadBalancerPair" : "LoadBalancerPair on Pacemaker",
    what: engine.name,
    authority: "the API",
    async deploy(name) {
        const site = await deployFlagship(name);
        if (engine === KEEPALIVED) return site;
        namesEngine(site, engine);
        succeeded(await site.stack.up());
        return site;
    },
    failures: () => failuresOf(engine),
});

/** `npm run bench -- vultr`. */
export const pairAtVultr: Subject<FlagshipOnVultr> = {
    command: "vultr",
    heading: "LoadBalancerPair on Vultr",
    what: "keepalived, by Vultr's API",
    authority: "the API",
    deploy: deployFlagshipOnVultr,
    failures: failuresOnVultr,
};

/** `npm run bench -- bgp`. */
export const pairAnnounced: Subject<FlagshipOnVultr> = {
    command: "bgp",
    heading: "LoadBalancerPair on Vultr, by BGP",
    what: "keepalived and BIRD",
    authority: "the cloud's router",
    deploy: (name) => deployFlagshipOnVultr(name, true),
    failures: failuresOfAnnouncing,
};

/** Every failure several times, from outside, as a client sees it. */
export async function benchFailures<Site extends Flagship>(
    rounds: number,
    subject: Subject<Site>,
): Promise<void> {
    const site = await subject.deploy("bench-failures");
    try {
        const all = await inRounds(rounds, subject.failures(site), (failure) => measure(site, failure));
        reportFailures(subject.heading, render(all, rounds, subject));
    } finally {
        await site.remove();
    }
}

function render(
    { measured, loads }: Rounds<Failure, Measured>,
    rounds: number,
    { command, what, authority }: Pick<Subject<Flagship>, "command" | "what" | "authority">,
): string {
    const rows = [...measured].map(([{ name, how }, all]) => {
        const gaps = spread(all.map(({ gapMs }) => gapMs));
        const sum = (of: (one: Measured) => number) => all.reduce((total, one) => total + of(one), 0);
        const lost = `${sum((one) => one.lost)} of ${sum((one) => one.requests)}`;
        return `| ${name} | ${how} | ${gaps.join(" / ")} | ${lost} | ${ends(all)} |`;
    });
    return `Written by \`npm run bench -- ${command}\` on ${new Date().toISOString().slice(0, 10)}: the flagship on the local cloud with ${what}, two balancers and two web hosts, every failure made ${rounds} times while the page was fetched a hundred times a second, each time over a new connection. ${machine(loads)}

The gap is the longest time between two good answers, from before the failure until everything is in order again: one master, one backup, all web hosts in use, the reserved IP with the master. A request is lost that got no answer within 2 s, or an error.

| failure | how it was made | gap in ms: median / min / max | requests lost | where the address ended |
|---|---|---|---|---|
${rows.join("\n")}

Where the address ended, it was with the master by ${authority} and by the master's own account. A preferred host that was only cut off or frozen is master again when it is back. The figures with a failing API are the time that it fails, and what is left of the wait between two tries.

Not covered: a cloud other than the local one, so neither how long a real one takes to accept a move and to route the address, nor its network's ways to fail; the loss of a region; full disks of these hosts, and overloaded ones; two failures at once, but for the two with the API.
`;
}

function ends(all: Measured[]): string {
    const stayed = all.filter(({ before, holder }) => holder === before.active).length;
    const moved = all.length - stayed;
    if (stayed === 0) return "on the other host";
    return moved === 0 ? "where it was" : `where it was ${stayed} times, on the other host ${moved} times`;
}
