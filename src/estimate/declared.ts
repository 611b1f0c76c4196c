import * as pulumi from "@pulumi/pulumi";
import { reachedHosts, reservedAddresses } from "../hosts/inventory.ts";
import { type Estimate, estimateOf } from "./estimate.ts";

/**
 * What all that the program has declared before this call costs a month: as an output, such as
 * `export const cost = evenkeel.estimate().monthly` at the end of the program, it has a preview show what another size or
 * count changes.
 */
export function estimate(): Estimate {
    const reached = reachedHosts();
    const found = estimateOf({
        hosts: reached.flatMap(([name, machine]) => (machine ? [{ ...machine, name }] : [])),
        addresses: reservedAddresses(),
        others: reached.flatMap(([name, machine]) => (machine ? [] : [name])),
    });
    // Or a sum that lacks something would pass for all of it.
    for (const missing of found.unpriced) pulumi.log.warn(`the estimate lacks ${missing}`);
    return found;
}
