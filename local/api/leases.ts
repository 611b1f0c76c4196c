import { lowestFree, toNumber } from "../network/addresses.ts";
import { addressIn, HOST_OFFSETS, RESERVED_OFFSETS } from "../network/slices.ts";
import type { CloudContext } from "./context.ts";

/** A public address for a host, or undefined when all are given out: the APIs share the slice. */
export const freePublicAddress = (context: CloudContext) => freeBetween(context, HOST_OFFSETS);

export const freeReservedIp = (context: CloudContext) => freeBetween(context, RESERVED_OFFSETS);

function freeBetween({ slice, taken }: CloudContext, { first, last }: typeof HOST_OFFSETS) {
    const at = (offset: number) => toNumber(addressIn(slice, offset));
    return lowestFree(
        at(first),
        at(last),
        taken.flatMap((of) => of()),
    );
}
