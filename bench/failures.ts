import { namesEngine } from "../test/faults/change.ts";
import { type Engine, KEEPALIVED } from "../test/faults/engines.ts";
import { type Failure, failuresOf } from "../test/faults/failures.ts";
import { type Measured, measure } from "../test/faults/measure.ts";
import { deployFlagship, succeeded } from "../test/support/flagship.ts";
import { inRounds, machine, type Rounds, reportFailures, spread } from "./report.ts";

/** `npm run bench -- failures` and `-- pacemaker`: every failure several times, from outside, as a client sees it. */
export async function benchFailures(rounds: number, engine: Engine): Promise<void> {
    const site = await deployFlagship("bench-failures");
    try {
        if (engine !== KEEPALIVED) {
            namesEngine(site, engine);
            succeeded(await site.stack.up());
        }
        const all = await inRounds(rounds, failuresOf(engine), (failure) => measure(site, failure));
        const heading = engine === KEEPALIVED ? "LoadBalancerPair" : "LoadBalancerPair on Pacemaker";
        reportFailures(heading, render(all, rounds, engine));
    } finally {
        await site.remove();
    }
}

function render({ measured, loads }: Rounds<Failure, Measured>, rounds: number, engine: Engine): string {
    const command = engine === KEEPALIVED ? "failures" : engine.name;
    const rows = [...measured].map(([{ name, how }, all]) => {
        const gaps = spread(all.map(({ gapMs }) => gapMs));
        const sum = (of: (one: Measured) => number) => all.reduce((total, one) => total + of(one), 0);
        const lost = `${sum((one) => one.lost)} of ${sum((one) => one.requests)}`;
        return `| ${name} | ${how} | ${gaps.join(" / ")} | ${lost} | ${ends(all)} |`;
    });
    return `Written by \`npm run bench -- ${command}\` on ${new Date().toISOString().slice(0, 10)}: the flagship on the local cloud with ${engine.name}, two balancers and two web hosts, every failure made ${rounds} times while the page was fetched a hundred times a second, each time over a new connection. ${machine(loads)}

The gap is the longest time between two good answers, from before the failure until everything is in order again: one master, one backup, all web hosts in use, the reserved IP with the master. A request is lost that got no answer within 2 s, or an error.

| failure | how it was made | gap in ms: median / min / max | requests lost | where the address ended |
|---|---|---|---|---|
${rows.join("\n")}

Where the address ended, it was with the master by the API and by the master's own account. A preferred host that was only cut off or frozen is master again when it is back. The figures with a failing API are the time that it fails, and what is left of the wait between two tries.

Not covered: a cloud other than the local one, so neither how long a real one takes to accept a move and to route the address, nor its network's ways to fail; the loss of a region; full disks of these hosts, and overloaded ones; two failures at once, but for the two with the API.
`;
}

function ends(all: Measured[]): string {
    const stayed = all.filter(({ before, holder }) => holder === before.active).length;
    const moved = all.length - stayed;
    if (stayed === 0) return "on the other host";
    return moved === 0 ? "where it was" : `where it was ${stayed} times, on the other host ${moved} times`;
}
