import { Command } from "commander";
import { estimateOf } from "../../estimate/estimate.ts";
import { type StackPlace, stackState, withStackPlace } from "../stack.ts";
import { Unable } from "../unable.ts";
import { deployedHoldings } from "./deployed.ts";
import { told } from "./tables.ts";

interface Options extends StackPlace {
    json?: boolean;
}

export function estimateCommand(): Command {
    return withStackPlace(new Command("estimate"))
        .description("What a deployed stack costs a month by list prices, by component; asks no host.")
        .option("--json", "for programs")
        .action(async ({ json = false, ...place }: Options) => {
            const found = estimateOf(deployedHoldings(await stackState(place)));
            if (found.rows.length === 0) throw new Unable("The stack has no hosts: was it deployed?");
            console.log(json ? JSON.stringify(found, null, 2) : told(found));
        });
}
