import { Command } from "commander";
import { benchCluster } from "./clusterUp.ts";
import { benchDisks, benchGalera, benchReplicated } from "./databases.ts";
import { benchFailures } from "./failures.ts";
import { benchSysbench } from "./sysbench.ts";
import { benchUp } from "./up.ts";

const program = new Command("npm run bench --").description("Measures on the local cloud, and writes docs/.");
const bench = (name: string, description: string, run: (rounds: number) => Promise<void>) =>
    program
        .command(name)
        .description(description)
        .option("--rounds <number>", "how often everything is measured", "5")
        .action(({ rounds }: { rounds: string }) => run(Number(rounds)));

bench("failures", "how long the site is away when something fails (docs/failures.md)", benchFailures);
bench("galera", "how long nobody can write when a member fails (docs/failures.md)", benchGalera);
bench(
    "replicated",
    "how long nobody can write when a primary or a replica fails (docs/failures.md)",
    benchReplicated,
);
bench("disks", "how long nobody can write when a member's disk is full (docs/failures.md)", benchDisks);
bench(
    "sysbench",
    "what a database's endpoint costs, and a member's memory (docs/benchmarks.md)",
    benchSysbench,
);
bench(
    "cluster",
    "how long an up of a database cluster takes, against its floor (docs/benchmarks.md)",
    benchCluster,
);
bench("up", "where the time of an up goes, against its floor (docs/benchmarks.md)", benchUp);

await program.parseAsync();
