import { Command } from "commander";
import { KEEPALIVED, PACEMAKER } from "../test/faults/engines.ts";
import { benchCluster } from "./clusterUp.ts";
import { benchDisks, benchGalera, benchReplicated } from "./databases.ts";
import { benchEndurance } from "./endurance.ts";
import { benchFailures, pairAnnounced, pairAtVultr, pairOn } from "./failures.ts";
import type { OfficialWaits } from "./plugins.ts";
import { benchServing } from "./serving.ts";
import { benchSyncFailures } from "./syncFailures.ts";
import { benchSyncs } from "./syncs.ts";
import { benchSysbench } from "./sysbench.ts";
import { benchUp } from "./up.ts";
import { benchWordPress } from "./wordpress.ts";

const program = new Command("npm run bench --").description("Measures on the local cloud, and writes docs/.");
const measuring = (name: string, description: string) =>
    program
        .command(name)
        .description(description)
        .option("--rounds <number>", "how often everything is measured", "5");
const bench = (name: string, description: string, run: (rounds: number) => Promise<void>) =>
    measuring(name, description).action(({ rounds }: { rounds: string }) => run(Number(rounds)));
/** The same for what has an `up` among its figures. */
const benchUps = (
    name: string,
    description: string,
    run: (rounds: number, waits: OfficialWaits) => Promise<void>,
) =>
    measuring(name, description)
        .option("--official-waits", "with the fixed waits of the official plugins, which stand-ins leave out")
        .action(({ rounds, officialWaits = false }: { rounds: string; officialWaits?: boolean }) =>
            run(Number(rounds), { officialWaits }),
        );

program
    .command("endurance")
    .description("whether roles stay within 1 GB under load that goes on (docs/benchmarks.md)")
    .option("--minutes <number>", "for how long each of them is under load", "10")
    .action(({ minutes }: { minutes: string }) => benchEndurance(Number(minutes)));
measuring(
    "wordpress",
    "pages of WordPress a second, and the memory of hosts that are everything at once (docs/benchmarks.md)",
)
    .option("--minutes <number>", "for how long all of them are under load", "10")
    .action(({ rounds, minutes }: { rounds: string; minutes: string }) =>
        benchWordPress(Number(rounds), Number(minutes)),
    );
bench("failures", "how long the site is away when something fails (docs/failures.md)", (rounds) =>
    benchFailures(rounds, pairOn(KEEPALIVED)),
);
bench("pacemaker", "the same with Pacemaker in place of keepalived (docs/failures.md)", (rounds) =>
    benchFailures(rounds, pairOn(PACEMAKER)),
);
bench("vultr", "the same as `failures`, by the second cloud's API (docs/failures.md)", (rounds) =>
    benchFailures(rounds, pairAtVultr),
);
bench("bgp", "the same there with an address that BIRD announces (docs/failures.md)", (rounds) =>
    benchFailures(rounds, pairAnnounced),
);
bench("galera", "how long nobody can write when a member fails (docs/failures.md)", benchGalera);
bench(
    "replicated",
    "how long nobody can write when a primary or a replica fails (docs/failures.md)",
    benchReplicated,
);
bench("disks", "how long nobody can write when a member's disk is full (docs/failures.md)", benchDisks);
bench(
    "serving",
    "what a pair carries against HAProxy by hand, and what is lost when things change (docs/benchmarks.md)",
    benchServing,
);
bench(
    "sysbench",
    "what a database's endpoint costs, and a member's memory (docs/benchmarks.md)",
    benchSysbench,
);
bench(
    "syncfailures",
    "what a two-way sync loses when something fails, and when it is whole again (docs/failures.md)",
    benchSyncFailures,
);
bench("syncs", "how soon files are on other hosts, and what that costs (docs/benchmarks.md)", benchSyncs);
benchUps(
    "cluster",
    "how long an up of a database cluster takes, against its floor (docs/benchmarks.md)",
    benchCluster,
);
benchUps("up", "where the time of an up goes, against its floor (docs/benchmarks.md)", benchUp);

await program.parseAsync();
